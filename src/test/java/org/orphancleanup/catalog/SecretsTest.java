package org.orphancleanup.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {

    @ParameterizedTest
    @CsvSource({
        "res_users,password",
        "res_users,totp_secret",
        "res_users_apikeys,key",
        "res_partner,signup_token",
        "sale_order,access_token",
        "ir_config_parameter,value",
        "ir_mail_server,smtp_pass",
        "ir_mail_server,smtp_user",
        "ir_mail_server,google_gmail_refresh_token",
        "fetchmail_server,password",
        "payment_provider,stripe_secret_key",
        "payment_provider,adyen_hmac_key",
        "payment_provider,paypal_email_account",
        "payment_provider,aps_sha_response",
        "iap_account,account_token",
        "hr_employee,pin"
    })
    void what_opens_something_is_never_read(String table, String column) {
        assertThat(Secrets.isSecret(table, column, true)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "res_users,login",
        "res_partner,name",
        "sale_order,partner_id",
        "account_move,payment_reference",
        "ir_mail_server,name",
        "payment_provider,code",
        "product_product,combination_indices",
        "stock_picking,shipping_weight",
        "account_move,inalterable_hash",
        "crm_lead,phone_sanitized"
    })
    void what_opens_nothing_is_read(String table, String column) {
        assertThat(Secrets.isSecret(table, column, true)).isFalse();
    }
}
