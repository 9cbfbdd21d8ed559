"""Further damage for the bench of ../shared/odoo/lab: other models, several fields at once, many records with bad ones among them.

Copy the folder, rename its scenarios.py to lab_scenarios.py, put this file in its place, and run score.py as its README says.
Each function makes its records through the API and returns what is to vanish: {table: [ids]}.
"""
import time

from lab_scenarios import Builder, fixtures  # noqa: F401  (score.py takes both from here)

SCENARIOS = {}


def scenario(kind, model, field, *goals):
    def add(build):
        SCENARIOS[build.__name__] = dict(kind=kind, model=model, field=field, goals=goals, build=build)
        return build
    return add


# -- many2one that may be empty
@scenario('nullable', 'res.partner', 'industry_id', 'null', 'relink')
def partner_industry(b):
    gone = b.make('res.partner.industry', name='Industry')
    b.partner(industry_id=gone), b.partner(industry_id=gone)
    return {'res_partner_industry': [gone]}


@scenario('nullable', 'res.partner', 'state_id', 'null', 'relink')
def partner_state(b):
    gone = b.make('res.country.state', name='State', code=f'Z{time.time_ns() % 99999}', country_id=1)
    b.partner(state_id=gone, country_id=1)
    return {'res_country_state': [gone]}


@scenario('nullable', 'crm.lead', 'lost_reason_id', 'null', 'relink')
def lead_lost_reason(b):
    gone = b.make('crm.lost.reason', name='Too dear')
    b.lead(lost_reason_id=gone)
    return {'crm_lost_reason': [gone]}


@scenario('nullable', 'project.task', 'project_id', 'null', 'relink')
def task_without_project(b):
    gone = b.make('project.project', name='Project')
    b.make('project.task', name='Task', project_id=gone)
    return {'project_project': [gone]}


@scenario('nullable', 'project.task', 'parent_id', 'null', 'relink')
def task_without_parent(b):
    project = b.make('project.project', name='Project')
    gone = b.make('project.task', name='Parent', project_id=project)
    b.make('project.task', name='Child', project_id=project, parent_id=gone)
    return {'project_task': [gone]}


@scenario('nullable', 'hr.employee', 'department_id', 'null', 'relink')
def employee_department(b):
    gone = b.make('hr.department', name='Department')
    b.make('hr.employee', name='Employee', department_id=gone)
    return {'hr_department': [gone]}


@scenario('nullable', 'hr.employee', 'job_id', 'null', 'relink')
def employee_job(b):
    gone = b.make('hr.job', name=b.name('Job'))
    b.make('hr.employee', name='Employee', job_id=gone)
    return {'hr_job': [gone]}


@scenario('nullable', 'stock.location', 'location_id', 'relink')
def location_parent(b):
    gone = b.make('stock.location', name='Hall', usage='view', location_id=b.fixtures['location'])
    b.make('stock.location', name='Shelf', location_id=gone)
    return {'stock_location': [gone]}


@scenario('nullable', 'sale.order', 'payment_term_id', 'null', 'relink')
def order_payment_term(b):
    gone = b.make('account.payment.term', name='Term')
    b.order(payment_term_id=gone)
    return {'account_payment_term': [gone]}


@scenario('nullable', 'crm.lead', 'source_id', 'null', 'relink')
def lead_source(b):
    gone = b.make('utm.source', name=b.name('Source'))
    b.lead(source_id=gone)
    return {'utm_source': [gone]}


# -- many2one that must be set
@scenario('required', 'purchase.order', 'partner_id', 'relink', 'delete')
def purchase_vendor(b):
    gone = b.partner()
    b.make('purchase.order', partner_id=gone, order_line=[(0, 0, {'product_id': b.product(), 'product_qty': 3, 'price_unit': 4, 'name': 'own text'})])
    return {'res_partner': [gone]}


@scenario('required', 'product.supplierinfo', 'partner_id', 'relink', 'delete')
def vendor_of_price(b):
    gone = b.partner()
    b.make('product.supplierinfo', partner_id=gone, product_tmpl_id=b.template(b.product()), price=3)
    return {'res_partner': [gone]}


@scenario('required', 'product.template', 'categ_id', 'relink')
def product_category(b):
    gone = b.make('product.category', name='Category')
    b.product(categ_id=gone), b.product(categ_id=gone)
    return {'product_category': [gone]}


@scenario('required', 'stock.picking', 'partner_id', 'null', 'relink')
def delivery_address(b):
    gone = b.partner()
    kind = b.lab.search('stock.picking.type', [('code', '=', 'outgoing')])[0]
    b.make('stock.picking', partner_id=gone, picking_type_id=kind)
    return {'res_partner': [gone]}


@scenario('required', 'calendar.attendee', 'partner_id', 'relink', 'delete')
def attendee_of_event(b):
    gone = b.partner()
    b.make('calendar.event', name='Meeting', start='2030-01-01 10:00:00', stop='2030-01-01 11:00:00', partner_ids=[(6, 0, [gone])])
    return {'res_partner': [gone]}


# -- children that should have gone with their parent
@scenario('cascade', 'account.payment.term.line', 'payment_id', 'relink', 'delete')
def lines_without_term(b):
    return {'account_payment_term': [b.make('account.payment.term', name='Term')]}


@scenario('cascade', 'purchase.order.line', 'order_id', 'relink', 'delete')
def purchase_lines_without_order(b):
    line = {'product_id': b.product(), 'product_qty': 3, 'price_unit': 4, 'name': 'own text'}
    return {'purchase_order': [b.make('purchase.order', partner_id=b.partner(), order_line=[(0, 0, line)])]}


# -- relation rows
@scenario('many2many', 'crm.lead', 'tag_ids', 'null', 'relink')
def lead_tags(b):
    gone = b.make('crm.tag', name=b.name('Tag'))
    b.lead(tag_ids=[(6, 0, [gone, b.make('crm.tag', name=b.name('Kept'))])])
    return {'crm_tag': [gone]}


@scenario('many2many', 'project.task', 'user_ids', 'null', 'relink')
def task_assignee(b):
    gone = b.user()
    b.make('project.task', name='Task', project_id=b.make('project.project', name='P'), user_ids=[(6, 0, [gone])])
    return {'res_users': [gone]}


@scenario('many2many', 'res.partner', 'category_id', 'null', 'relink')
def tags_of_a_partner_that_is_gone(b):
    return {'res_partner': [b.partner(category_id=[(6, 0, [b.make('res.partner.category', name='T')])])]}


# -- model and id in two columns
@scenario('many2one-reference', 'mail.activity', 'res_id', 'delete')
def activity_of_a_lead(b):
    gone = b.lead()
    b.make('mail.activity', res_model_id=b.lab.q1("select id from ir_model where model='crm.lead'"), res_id=gone, summary='Call', user_id=b.lab.uid)
    return {'crm_lead': [gone]}


@scenario('many2one-reference', 'ir.attachment', 'res_id', 'null', 'relink', 'delete')
def attachments_of_a_task(b):
    gone = b.make('project.task', name='Task', project_id=b.make('project.project', name='P'))
    for _ in range(3):
        b.make('ir.attachment', name='f.txt', raw='aGVsbG8=', res_model='project.task', res_id=gone)
    return {'project_task': [gone]}


# -- several fields, several parents, many records
@scenario('knot', 'purchase.order', 'partner_id', 'relink')
def purchase_that_lost_vendor_and_product(b):
    vendor, product = b.partner(), b.product()
    b.make('purchase.order', partner_id=vendor, order_line=[(0, 0, {'product_id': product, 'product_qty': 3, 'price_unit': 4, 'name': 'own text'})])
    return {'res_partner': [vendor], 'product_product': [product]}


@scenario('knot', 'res.partner', 'parent_id', 'null', 'relink')
def three_levels_of_contacts(b):
    top = b.partner(is_company=True)
    middle = b.partner(is_company=True, parent_id=top)
    b.partner(parent_id=middle)
    return {'res_partner': [top, middle]}


@scenario('knot', 'crm.lead', 'partner_id', 'null', 'relink')
def a_thousand_leads_with_three_bad_ones(b):
    gone, bad = b.partner(), b.make('crm.stage', name='S')
    ids = b.lab.call('crm.lead', 'create', [{'name': f'Lead {i}', 'type': 'opportunity', 'partner_id': gone} for i in range(1000)])
    b.lab.write('crm.lead', ids[100:103], {'stage_id': bad})
    return {'res_partner': [gone], 'crm_stage': [bad]}
