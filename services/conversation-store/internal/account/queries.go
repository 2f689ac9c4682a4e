package account

import _ "embed"

var (
	//go:embed sql/create_user.sql
	createUser string
	//go:embed sql/create_workspace.sql
	createWorkspace string
	//go:embed sql/create_membership.sql
	createMembership string
	//go:embed sql/create_session.sql
	createSession string
	//go:embed sql/delete_session.sql
	deleteSession string
	//go:embed sql/delete_surplus_sessions.sql
	deleteSurplusSessions string
	//go:embed sql/sign_in_user.sql
	signInUser string
	//go:embed sql/get_me.sql
	getMe string
	//go:embed sql/next_phone_number.sql
	nextPhoneNumber string
	//go:embed sql/next_mailbox.sql
	nextMailbox string
	//go:embed sql/create_channel_account.sql
	createChannelAccount string
	//go:embed sql/list_channel_accounts.sql
	listChannelAccounts string
	//go:embed sql/list_incomplete.sql
	listIncomplete string
	//go:embed sql/take_address.sql
	takeAddress string
	//go:embed sql/create_setting.sql
	createSetting string
	//go:embed sql/create_api_key.sql
	createAPIKey string
	//go:embed sql/list_api_keys.sql
	listAPIKeys string
	//go:embed sql/revoke_api_key.sql
	revokeAPIKey string
	//go:embed sql/report_api_key_use.sql
	reportAPIKeyUse string
	//go:embed sql/is_member.sql
	isMember string
)
