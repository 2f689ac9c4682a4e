-- Every channel of the workspace $1, with addresses of the kind the store gives: one number at each provider account.
WITH template AS (
	SELECT channel, provider, provider_account, mode, sandbox, is_default
	FROM conversations.channel_accounts WHERE workspace_id = $1
), numbers AS MATERIALIZED (
	SELECT homes.id, held.provider, held.provider_account,
		'+1500' || lpad(nextval('conversations.sandbox_phone_numbers')::text, 7, '0') AS number
	FROM homes CROSS JOIN (SELECT DISTINCT provider, provider_account FROM template) AS held
)
INSERT INTO conversations.channel_accounts
	(workspace_id, id, channel, provider, provider_account, address, mode, sandbox, display_name, is_default)
SELECT homes.id, gen_random_uuid(), t.channel, t.provider, t.provider_account,
	CASE t.channel
		WHEN 'email' THEN homes.slug || '-' || nextval('conversations.sandbox_mailboxes') || '@mail.sandbox.test'
		ELSE numbers.number
	END, t.mode, t.sandbox, 'Bench ' || homes.n, t.is_default
FROM homes CROSS JOIN template t
JOIN numbers ON numbers.id = homes.id AND numbers.provider = t.provider AND numbers.provider_account = t.provider_account
