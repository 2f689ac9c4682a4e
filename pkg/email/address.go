package email

import (
	"net/mail"
	"slices"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// maxRecipients bounds the recipients of one e-mail.
const maxRecipients = 1000

// Person splits "Ana <ana@example.com>", also when the name is not quoted as it should be. The address is normalised; one
// that is none stays as it came.
func Person(text string) (address, fullName string) {
	text = strings.TrimSpace(text)
	parser := mail.AddressParser{WordDecoder: wordDecoder()}
	if parsed, err := parser.Parse(text); err == nil {
		text, fullName = parsed.Address, parsed.Name
	} else if at := strings.LastIndex(text, "<"); at >= 0 {
		inside, _, _ := strings.Cut(text[at+1:], ">")
		text, fullName = strings.TrimSpace(inside), strings.Trim(Words(text[:at]), `" `)
	}
	if normal, err := channel.NormalizeAddress(channel.Email, text); err == nil {
		text = normal
	}
	return strings.ToValidUTF8(text, replacement), strings.ToValidUTF8(fullName, replacement)
}

// Addresses normalises lists of addresses, each as a header writes it, and drops repetitions.
func Addresses(lists ...string) []string {
	var read []string
	known := map[string]bool{}
	for _, list := range lists {
		for _, text := range split(list) {
			address, _ := Person(text)
			if address != "" && len(read) < maxRecipients && !known[address] {
				known[address] = true
				read = append(read, address)
			}
		}
	}
	return read
}

// Without are the addresses that are none of the others.
func Without(addresses []string, others ...string) []string {
	var left []string
	for _, address := range addresses {
		if !slices.Contains(others, address) {
			left = append(left, address)
		}
	}
	return left
}

// split takes a list of addresses apart: as the standard says, else at its commas.
func split(list string) []string {
	parser := mail.AddressParser{WordDecoder: wordDecoder()}
	if parsed, err := parser.ParseList(list); err == nil {
		texts := make([]string, 0, len(parsed))
		for _, one := range parsed {
			texts = append(texts, one.Address)
		}
		return texts
	}
	if strings.Count(list, "@") < 2 {
		return []string{list}
	}
	var texts []string
	for text := range strings.SplitSeq(list, ",") {
		if strings.Contains(text, "@") && len(texts) < maxRecipients { // a name with a comma is no address
			texts = append(texts, text)
		}
	}
	return texts
}

// Mailbox writes a name and an address as a header does; the name may hold anything.
func Mailbox(fullName, address string) string {
	fullName = OneLine(fullName)
	if fullName == "" {
		return address
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(fullName) + `" <` + address + `>`
}
