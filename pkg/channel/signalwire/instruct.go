package signalwire

import (
	"fmt"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/voicexml"
)

var _ channel.Instructor = (*connection)(nil)

// dialect is cXML as far as we speak it. A recording keeps its silence: trimmed, a caller who waits for a moment and
// hangs up would leave none at all.
func dialect() voicexml.Dialect {
	return voicexml.Dialect{MaxSay: 4096, MaxNumbers: 10, RecordTrim: "do-not-trim"}
}

// Instruct implements channel.Instructor.
func (c *connection) Instruct(instructions []channel.Instruction) (channel.Reply, error) {
	reply, err := dialect().Reply(instructions)
	if err != nil {
		return channel.Reply{}, fmt.Errorf("writing cXML: %w", err)
	}
	return reply, nil
}
