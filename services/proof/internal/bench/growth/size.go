package growth

import "math"

// Workspaces are of unequal size: the share of the n-th is as 1/(n+5)^1.1, so that of a thousand the greatest has one
// message in 21 and the middle one one in 2,000.
const (
	zipfExponent = 1.1
	zipfOffset   = 5
)

// perConversation is how many messages a conversation has.
const perConversation = 10

// conversationsOf shares the conversations of so many messages out to so many workspaces, the greatest first. Each has
// at least one, and none has fewer when there are more messages.
func conversationsOf(messages, workspaces int) []int {
	total := 0.0
	for n := range workspaces {
		total += weightOf(n)
	}
	counts := make([]int, workspaces)
	for n := range counts {
		share := weightOf(n) / total * float64(messages) / perConversation
		counts[n] = max(1, int(math.Round(share)))
	}
	return counts
}

func weightOf(n int) float64 { return 1 / math.Pow(float64(n+zipfOffset), zipfExponent) }
