-- Somebody else wrote the record while our call was under way: the change may be his, so nothing was set back.
ALTER TABLE changed_besides ADD COLUMN by_others boolean NOT NULL DEFAULT false;

-- Records that Odoo made together with a stand-in, such as an employee's resource: a list of model and id.
ALTER TABLE stand_in ADD COLUMN made_with jsonb;
