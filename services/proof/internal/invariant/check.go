package invariant

import (
	"context"
	"errors"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

const (
	// maxStories bounds the violations that are told with their story.
	maxStories = 40
	// maxGathers bounds how often everything is read anew because something changed meanwhile.
	maxGathers = 10
)

var errMoving = errors.New("something changes whenever it is looked at")

// World is what is checked.
type World struct {
	// Gateway and Sandbox are base URLs; NATSURL and DatabaseURL reach everything.
	Gateway, Sandbox, NATSURL, DatabaseURL string
	History                                *history.History
}

// Violation is one case in which an invariant did not hold.
type Violation struct {
	// Invariant is the name of what did not hold.
	Invariant string `json:"invariant"`
	// Subject is what it did not hold for: a message by its id or its marker, a consumer by its name.
	Subject string `json:"subject"`
	Detail  string `json:"detail"`
	// Story is what is known of the subject, in order.
	Story []string `json:"story"`
}

// Report is what a check found.
type Report struct {
	// Checked counts by invariant what was looked at.
	Checked map[string]int `json:"checked"`
	// Unknown counts the messages that a person must decide on.
	Unknown    int         `json:"unknown"`
	Violations []Violation `json:"violations"`
}

// rule is one invariant: a name that states it, and the function that looks for what breaks it.
type rule struct {
	name  string
	check func(c *checking)
}

// rules lists every invariant.
func rules() []rule {
	return []rule{
		{"every accepted send arrived, ended badly with a reason, or is unknown", acceptedArrives},
		{"no customer got anything twice", nothingTwice},
		{"a repeated request is one message", answeredOnce},
		{"nothing arrived that nobody sent", nothingUnasked},
		{"the provider took a message once", takenOnce},
		{"what became of a message is recorded once", recordedOnce},
		{"every webhook answered well is kept once", inboundKept},
		{"files arrive as they were sent", filesIntact},
		{"messages of one conversation arrive in the order accepted", orderKept},
		{"nothing crosses a workspace", wallStands},
		{"a state only moves forward", statusForward},
		{"the final state is what the provider said", finalTruth},
		{"every committed change is told once and in order", factsOnce},
		{"a client that comes back has missed nothing", clientsSaw},
		{"a customer has one conversation, and it shows its newest message", threadsWhole},
		{"a customer who said STOP gets nothing", stopHeld},
		{"the API shows what the database holds", apiAgrees},
		{"nothing is left in flight", nothingLeft},
	}
}

// Names lists the names of the invariants.
func Names() []string {
	var names []string
	for _, one := range rules() {
		names = append(names, one.name)
	}
	return names
}

// Check checks every invariant. An error means that it could not be checked, not that it did not hold.
func Check(ctx context.Context, w World) (Report, error) {
	for range maxGathers {
		before, err := lastChange(ctx, w.NATSURL)
		if err != nil {
			return Report{}, err
		}
		found, err := gather(ctx, w)
		if err != nil {
			return Report{}, err
		}
		after, err := lastChange(ctx, w.NATSURL)
		if err != nil {
			return Report{}, err
		}
		if before == after {
			return judge(found), nil
		}
	}
	return Report{}, errMoving
}

// judge checks every invariant on the evidence.
func judge(e *evidence) Report {
	ordered := arrange(e)
	report := Report{Checked: map[string]int{}}
	for _, one := range rules() {
		c := &checking{arranged: ordered}
		one.check(c)
		report.Checked[one.name] = c.checked
		for _, wrong := range c.wrong {
			wrong.Invariant = one.name
			report.Violations = append(report.Violations, wrong)
		}
	}
	for _, m := range e.messages {
		if m.Status == unknown {
			report.Unknown++
		}
	}
	tell(e, report.Violations[:min(len(report.Violations), maxStories)])
	return report
}

// checking collects what one invariant looked at and found.
type checking struct {
	*arranged
	checked int
	wrong   []Violation
}

// violated notes a violation. The story is told of the subject.
func (c *checking) violated(subject, detail string) {
	c.wrong = append(c.wrong, Violation{Subject: subject, Detail: detail})
}

// tell adds the stories.
func tell(e *evidence, violations []Violation) {
	if len(violations) == 0 {
		return
	}
	whole := history.New(append(e.history.Records(), e.seen()...))
	for at, wrong := range violations {
		violations[at].Story = whole.Story(wrong.Subject)
	}
}
