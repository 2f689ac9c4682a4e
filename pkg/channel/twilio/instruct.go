package twilio

import (
	"fmt"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/voicexml"
)

var _ channel.Instructor = (*connection)(nil)

// dialect is TwiML as far as we speak it.
func dialect() voicexml.Dialect { return voicexml.Dialect{MaxSay: 4096, MaxNumbers: 10} }

// Instruct implements channel.Instructor.
func (c *connection) Instruct(instructions []channel.Instruction) (channel.Reply, error) {
	reply, err := dialect().Reply(instructions)
	if err != nil {
		return channel.Reply{}, fmt.Errorf("writing TwiML: %w", err)
	}
	return reply, nil
}
