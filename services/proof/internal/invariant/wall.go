package invariant

import (
	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// wallStands: every row, fact, frame and answer holds what belongs to its workspace alone.
func wallStands(c *checking) {
	homes := map[string]string{}
	for _, one := range c.conversations {
		homes[one.ID] = one.Workspace
	}
	c.rowsStay(homes)
	c.factsStay(homes)
	for _, record := range c.history.Records(history.Frame, history.Read) {
		c.checked++
		for _, marker := range record.Markers {
			c.belongs(marker, record.Workspace, "what a client was shown")
		}
		if home := homes[record.ID]; record.ID != "" && home != "" && home != record.Workspace {
			c.violated(record.ID, "it is in "+home+", and a client of "+record.Workspace+" was sent it")
		}
	}
}

// rowsStay checks the rows and adds where each is.
func (c *checking) rowsStay(homes map[string]string) {
	for _, row := range c.messages {
		c.checked++
		if homes[row.Conversation] != row.Workspace {
			c.violated(row.ID, "it is in "+row.Workspace+", and its conversation in "+homes[row.Conversation])
		}
		for _, marker := range c.markersOf(row.Body) {
			c.belongs(marker, row.Workspace, "a row")
		}
		homes[row.ID] = row.Workspace
	}
}

func (c *checking) factsStay(homes map[string]string) {
	for _, one := range c.facts {
		c.checked++
		if told := one.Change.GetWorkspaceId(); told != one.Workspace {
			c.violated(one.Change.GetEntityId(), "a fact of "+told+" is told to "+one.Workspace)
		}
		if home := homes[one.Change.GetEntityId()]; home != "" && home != one.Workspace {
			c.violated(one.Change.GetEntityId(), "it is in "+home+" and told to "+one.Workspace)
		}
		for _, marker := range c.markersOf(one.Change.GetMessage().GetBody() + one.Change.GetConversation().GetSnippet()) {
			c.belongs(marker, one.Workspace, "a fact")
		}
	}
}

// belongs notes a marker that is where it does not belong.
func (c *checking) belongs(marker, workspace, where string) {
	if owner := c.owners[marker]; owner != "" && owner != workspace {
		c.violated(marker, "it is of "+owner+", and in "+where+" of "+workspace)
	}
}
