package event

// Headers beside Nats-Msg-Id and traceparent. The ce- names are the CloudEvents attributes of the NATS binding.
const (
	HeaderID     = "ce-id"
	HeaderType   = "ce-type"
	HeaderSource = "ce-source"
	HeaderTime   = "ce-time"
)
