package org.orphancleanup.sandbox;

import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.Expression;
import org.springframework.expression.PropertyAccessor;
import org.springframework.expression.TypedValue;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.StandardEvaluationContext;
import org.springframework.util.ReflectionUtils;

/** Evaluates the registry's expressions on records. */
final class Expressions {

    private static final SpelExpressionParser PARSER = new SpelExpressionParser();
    private static final Map<String, Expression> PARSED = new ConcurrentHashMap<>();

    private final StandardEvaluationContext context = new StandardEvaluationContext();

    Expressions() {
        context.addPropertyAccessor(new FieldAccessor());
        context.registerFunction("sum", function("sum", List.class));
        context.registerFunction("round", function("round", BigDecimal.class));
    }

    private static Method function(String name, Class<?> argument) {
        Method method = ReflectionUtils.findMethod(Expressions.class, name, argument);
        if (method == null) {
            throw new IllegalStateException("no function " + name);
        }
        return method;
    }

    void define(String variable, @Nullable Object value) {
        context.setVariable(variable, value);
    }

    /** A MissingError met on the way comes out as it is. */
    @Nullable
    Object evaluate(String expression, @Nullable Rec root) {
        try {
            return PARSED.computeIfAbsent(expression, PARSER::parseExpression).getValue(context, root);
        } catch (RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof OdooError error) {
                    throw error;
                }
            }
            throw new IllegalStateException("expression " + expression + " on " + root, e);
        }
    }

    boolean holds(@Nullable String expression, Rec root) {
        return expression == null || Boolean.TRUE.equals(evaluate(expression, root));
    }

    static BigDecimal sum(List<?> values) {
        BigDecimal total = BigDecimal.ZERO;
        for (Object value : values) {
            if (value instanceof BigDecimal number) {
                total = total.add(number);
            }
        }
        return total;
    }

    static BigDecimal round(BigDecimal value) {
        return value.setScale(2, RoundingMode.HALF_UP);
    }

    private static final class FieldAccessor implements PropertyAccessor {

        @Override
        public Class<?>[] getSpecificTargetClasses() {
            return new Class<?>[] {Rec.class};
        }

        @Override
        public boolean canRead(EvaluationContext context, @Nullable Object target, String name) {
            return target instanceof Rec rec
                    && (name.equals("self")
                            || name.equals("id")
                            || name.equals("display_name")
                            || rec.model().hasField(name));
        }

        @Override
        public TypedValue read(EvaluationContext context, @Nullable Object target, String name) {
            Rec rec = (Rec) Objects.requireNonNull(target);
            return switch (name) {
                case "self" -> new TypedValue(rec);
                case "id" -> new TypedValue(rec.id());
                default -> new TypedValue(rec.get(name));
            };
        }

        @Override
        public boolean canWrite(EvaluationContext context, @Nullable Object target, String name) {
            return false;
        }

        @Override
        public void write(EvaluationContext context, @Nullable Object target, String name, @Nullable Object value) {
            throw new IllegalStateException("expressions do not write");
        }
    }
}
