package meta

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// maxListed bounds what is said of a list that a customer sends.
const maxListed = 20

type reaction struct {
	MessageID string `json:"message_id"`
	Emoji     string `json:"emoji"`
}

type button struct {
	Text    string `json:"text"`
	Payload string `json:"payload"`
}

// interactive is the answer to a message with buttons, a list or a form.
type interactive struct {
	Type   string  `json:"type"`
	Button *choice `json:"button_reply"`
	List   *choice `json:"list_reply"`
	Form   *struct {
		Name string `json:"name"`
		Body string `json:"body"`
	} `json:"nfm_reply"`
}

type choice struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

type location struct {
	Name      string         `json:"name"`
	Address   string         `json:"address"`
	Latitude  channel.Scalar `json:"latitude"`
	Longitude channel.Scalar `json:"longitude"`
}

// card is an entry of an address book.
type card struct {
	Name struct {
		Formatted string `json:"formatted_name"`
		First     string `json:"first_name"`
	} `json:"name"`
	Phones []struct {
		Phone string `json:"phone"`
	} `json:"phones"`
	Emails []struct {
		Email string `json:"email"`
	} `json:"emails"`
}

type order struct {
	Text  string `json:"text"`
	Items []struct {
		Product  string         `json:"product_retailer_id"`
		Quantity channel.Scalar `json:"quantity"`
	} `json:"product_items"`
}

// system is the vendor's own news of a customer, such as a new number.
type system struct {
	Body string `json:"body"`
}

// body is what a message says, in words whatever its type.
func (m message) body() string {
	switch {
	case m.Text.Body != "":
		return m.Text.Body
	case m.Reaction != nil:
		return cmp.Or(m.Reaction.Emoji, "Took the reaction back.")
	case m.Button != nil:
		return cmp.Or(m.Button.Text, m.Button.Payload)
	case m.Interactive != nil:
		return m.Interactive.text()
	case m.Location != nil:
		return channel.Location{
			Name: m.Location.Name, Address: m.Location.Address,
			Latitude: string(m.Location.Latitude), Longitude: string(m.Location.Longitude),
		}.Text()
	case len(m.Cards) > 0:
		return cardsText(m.Cards)
	case m.Order != nil:
		return m.Order.lines()
	case m.System != nil:
		return m.System.Body
	case len(m.files()) > 0:
		return m.caption()
	default:
		return m.unknown()
	}
}

func (m message) caption() string {
	for _, one := range m.files() {
		if one.Caption != "" {
			return one.Caption
		}
	}
	return ""
}

// unknown is what is said of a message that the vendor does not hand over, or of a type that is new.
func (m message) unknown() string {
	if m.Type == "" || m.Type == "text" {
		return ""
	}
	text := fmt.Sprintf("A message of the type %q, which cannot be shown here.", m.Type)
	if len(m.Errors) > 0 && m.Errors[0].sentence() != "" {
		text += " " + m.Errors[0].sentence()
	}
	return text
}

func (i interactive) text() string {
	switch {
	case i.Button != nil:
		return cmp.Or(i.Button.Title, i.Button.ID)
	case i.List != nil:
		return cmp.Or(i.List.Title, i.List.ID)
	case i.Form != nil:
		return cmp.Or(i.Form.Body, i.Form.Name)
	default:
		return fmt.Sprintf("An answer of the type %q, which cannot be shown here.", i.Type)
	}
}

func cardsText(cards []card) string {
	var lines []string
	for _, one := range cards[:min(len(cards), maxListed)] {
		parts := []string{cmp.Or(one.Name.Formatted, one.Name.First)}
		for _, phone := range one.Phones[:min(len(one.Phones), maxListed)] {
			parts = append(parts, phone.Phone)
		}
		for _, mail := range one.Emails[:min(len(one.Emails), maxListed)] {
			parts = append(parts, mail.Email)
		}
		lines = append(lines, "Contact: "+strings.Join(parts, ", "))
	}
	return strings.Join(lines, "\n")
}

func (o order) lines() string {
	lines := []string{"Order of " + strconv.Itoa(len(o.Items)) + " items:"}
	for _, item := range o.Items[:min(len(o.Items), maxListed)] {
		lines = append(lines, string(item.Quantity)+" × "+item.Product)
	}
	if o.Text != "" {
		lines = append(lines, o.Text)
	}
	return strings.Join(lines, "\n")
}
