package event

// Headers beside Nats-Msg-Id and traceparent. The ce- names are the CloudEvents attributes of the NATS binding.
const (
	HeaderID     = "ce-id"
	HeaderType   = "ce-type"
	HeaderSource = "ce-source"
	HeaderTime   = "ce-time"
	// HeaderOnlyFor names the one service an event is for that is published once more; the others pass it by.
	HeaderOnlyFor = "only-for"
)
