package relay

import (
	"fmt"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// typeOfFacts is what the payload of a fact is.
const typeOfFacts = "conversations.event.v1.Change"

// factsOf are the facts of the rows, in their order.
func factsOf(rows []entry) ([]bus.Publishing, error) {
	facts := make([]bus.Publishing, 0, len(rows))
	for _, row := range rows {
		if row.Key != "" { // one fact, as they were written before
			facts = append(facts, publishing(row.MessageID.String(), row.Key, row.Payload, row.Traceparent))
			continue
		}
		var together storev1.Facts
		if err := proto.Unmarshal(row.Payload, &together); err != nil {
			return nil, fmt.Errorf("reading row %d of the outbox: %w", row.ID, err)
		}
		for i, fact := range together.GetFacts() {
			id := row.MessageID.String() + "-" + strconv.Itoa(i)
			facts = append(facts, publishing(id, fact.GetSubject(), fact.GetChange(), fact.GetTraceparent()))
		}
	}
	return facts, nil
}

func publishing(id, subject string, change []byte, traceparent string) bus.Publishing {
	fact := bus.Publishing{Subject: subject, ID: id, Type: typeOfFacts, Data: change}
	if traceparent != "" {
		fact.Header = map[string]string{"traceparent": traceparent}
	}
	return fact
}

// rounds divides facts so that each round holds one of a workspace at most, the earlier ones in earlier rounds. What is
// published together may succeed apart, when the connection breaks for instance; a workspace's facts would then be in
// the stream in another order than they committed in.
func rounds(facts []bus.Publishing) [][]bus.Publishing {
	var divided [][]bus.Publishing
	next := map[workspace.ID]int{}
	for _, fact := range facts {
		ws, _ := event.WorkspaceOf(fact.Subject)
		round := next[ws]
		next[ws]++
		if round == len(divided) {
			divided = append(divided, nil)
		}
		divided[round] = append(divided[round], fact)
	}
	return divided
}
