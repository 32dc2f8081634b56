-- What a sample looks like under the rules as they are and as a draft has them, on the first interface in
-- scope that the rule is for. doc: a document with mask rules, or null.
-- :rule text
-- :doc jsonb
-- :body text
-- :content_type text
-- > interface text
-- > before text
-- > before_how text
-- > before_why text
-- > after text
-- > after_how text
-- > after_why text
select t.interface, t.now_shown as before, t.now_how as before_how, t.now_why as before_why,
	t.then_shown as after, t.then_how as after_how, t.then_why as after_why
from orderly.mask_preview(:rule, coalesce(:doc::jsonb -> 'mask_rule', '[]'), :body, :content_type) t
