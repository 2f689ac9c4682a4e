SELECT class.relname::text AS name,
	class.relrowsecurity AND class.relforcerowsecurity AS protected,
	CASE WHEN class.relname = 'workspaces' THEN 'id' ELSE COALESCE(max(attribute.attname::text)
		FILTER (WHERE attribute.attname = 'workspace_id'), '') END AS tenant,
	array_agg(quote_ident(attribute.attname) ORDER BY attribute.attnum)
		FILTER (WHERE attribute.attgenerated = '' AND attribute.attidentity = '') AS columns
FROM pg_class class
JOIN pg_attribute attribute ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
WHERE class.relkind IN ('r', 'p') AND class.relnamespace = 'conversations'::regnamespace
GROUP BY class.oid, class.relname, class.relrowsecurity, class.relforcerowsecurity
