DELETE FROM call_agents
