package record

// Resolution is the resolution column: a person's word on an unknown outcome.
type Resolution struct {
	Decision string `json:"decision"`
	UserID   string `json:"user_id"`
	APIKeyID string `json:"api_key_id"`
}
