INSERT INTO call_agents (workspace_id, position, user_id, name, phone)
SELECT $1, agent.position, agent.user_id, agent.name, agent.phone
FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS agent (user_id, name, phone, position)
