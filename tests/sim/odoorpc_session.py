"""An independent client of Odoo against the simulated one: whatever it takes for Odoo is faithful.

Called by test_odoo_client with the port, the database and the version."""
import sys

import odoorpc

port, database, version = int(sys.argv[1]), sys.argv[2], sys.argv[3]
odoo = odoorpc.ODOO("127.0.0.1", port=port, timeout=60)
assert odoo.version == version, odoo.version
assert odoo.db.list() == [database]


def refused(what, call):
    try:
        call()
    except odoorpc.error.RPCError as error:
        assert what in str(error), error
        return
    raise AssertionError("not refused: " + what)


refused("Access Denied", lambda: odoo.login(database, "integ_ops", "wrong"))
refused("does not exist", lambda: odoo.login("nowhere", "integ_ops", "integ_ops-pw"))
odoo.login(database, "integ_ops", "integ_ops-pw")
assert odoo.env.user.name == "Integration Operator"
assert "purchase.order" in odoo.env and "no.such" not in odoo.env

# Search and browse, through links.
partners = odoo.env["res.partner"]
ids = partners.search([("ref", "=like", "SUP-%")], order="ref", limit=3)
assert [p.ref for p in partners.browse(ids)] == ["SUP-00001", "SUP-00002", "SUP-00003"]
assert partners.browse(ids[0]).country_id.code
assert partners.search_count(["|", ("ref", "=", "SUP-00001"), ("ref", "=", "SUP-00002")]) == 2
assert odoo.env.ref("middleware.supplier_00001").id == ids[0]
archived = partners.search([("active", "=", False), ("ref", "=like", "SUP-%")])
assert archived and not set(archived) & set(partners.search([("ref", "=like", "SUP-%")]))

# Create, write, read back.
new = partners.create({"name": "Zoë 日本", "ref": "RPC-1"})
partner = partners.browse(new)
partner.phone = "+32 4 000"
partner.category_id = False
assert partners.read([new], ["phone", "name"]) == [{"id": new, "phone": "+32 4 000", "name": "Zoë 日本"}]

# A purchase order from draft to its receipt.
orders = odoo.env["purchase.order"]
lines = [(0, 0, {"product_id": 1, "product_qty": 3, "price_unit": 12.5})]
order = orders.browse(orders.create({"partner_id": new, "partner_ref": "HC-1", "order_line": lines}))
assert (order.state, order.amount_total, len(order.order_line)) == ("draft", 37.5, 1)
assert order.date_order.year >= 2020
refused("you must cancel it first", order.unlink)
assert order.button_confirm() is True
order = orders.browse(order.id)
assert order.state == "purchase"
receipt = odoo.env["stock.picking"].search([("origin", "=", order.name)])
assert odoo.env["stock.picking"].browse(receipt).state == "assigned"
assert odoo.execute("stock.picking", "button_validate", receipt)
refused("another model requires", partner.unlink)

# load() is an upsert; it tells of errors in a success.
fields, rows = ["id", "name", "ref"], [["rpc.one", "One", "L-1"]]
first = partners.load(fields, rows)
assert partners.load(fields, [["rpc.one", "One again", "L-1"]])["ids"] == first["ids"]
bad = partners.load(["id", "name", "country_id"], [["rpc.two", "Two", "Nowhere"]])
assert bad["ids"] is False and "Nowhere" in bad["messages"][0]["message"]

refused("You are not allowed to create", lambda: odoo.env["res.country"].create({"name": "Z"}))
refused("doesn't exist", lambda: odoo.execute("no.such", "search", []))
assert odoo.logout() is True
