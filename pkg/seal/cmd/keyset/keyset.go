package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/galaxyco-ai/conversations/pkg/seal"
)

const help = `keyset makes and changes the keys that seal workspaces' own credentials.

  keyset generate FILE     make private keys, unless the file is there, and print the public part
  keyset public FILE       print the public part: CONVERSATIONS_SEALING_PUBLIC_KEYS of the gateway
  keyset list FILE         print the ids of the keys, oldest first; * marks the one that seals
  keyset rotate FILE       add a key that seals from now on; the others go on opening
  keyset retire FILE ID    take a key out that seals no more

FILE holds the private keys in clear, for its owner's eyes only: CONVERSATIONS_SEALING_KEYS_FILE of outbound-sender and
inbound-webhook, which read it again when it changes. After "rotate" they have to have it before the gateway has the new
public part: the other way round it seals what nobody opens yet. Then "operator credentials reseal" brings every secret
to the new key. "retire" is final: what is still sealed with that key opens no more.
`

var errUsage = errors.New("say generate, public, list, rotate or retire, and the file; help tells more")

// run does what the arguments say and prints to out.
func run(arguments []string, out io.Writer) error {
	if len(arguments) == 0 || arguments[0] == "help" || arguments[0] == "-h" || arguments[0] == "-help" || arguments[0] == "--help" {
		return printTo(out, help)
	}
	switch {
	case len(arguments) == 3 && arguments[0] == "retire":
		return retire(arguments[1], arguments[2], out)
	case len(arguments) != 2:
		return errUsage
	}
	switch file := arguments[1]; arguments[0] {
	case "generate":
		return generate(file, out)
	case "public":
		return public(file, out)
	case "list":
		return list(file, out)
	case "rotate":
		return rotate(file, out)
	}
	return errUsage
}

func generate(file string, out io.Writer) error {
	text, err := seal.MakeFile(file)
	if err != nil {
		return err
	}
	return printTo(out, string(text)+"\n")
}

func public(file string, out io.Writer) error {
	keys, err := load(file)
	if err != nil {
		return err
	}
	text, err := keys.Public()
	if err != nil {
		return err
	}
	return printTo(out, string(text)+"\n")
}

func list(file string, out io.Writer) error {
	keys, err := load(file)
	if err != nil {
		return err
	}
	return printIDs(keys, out)
}

func rotate(file string, out io.Writer) error {
	keys, err := load(file)
	if err != nil {
		return err
	}
	rotated, err := keys.Rotate()
	if err != nil {
		return err
	}
	return keep(rotated, file, out)
}

func retire(file, which string, out io.Writer) error {
	id, err := strconv.ParseUint(which, 10, 32)
	if err != nil {
		return fmt.Errorf("%q is no id of a key; list prints them", which)
	}
	keys, err := load(file)
	if err != nil {
		return err
	}
	left, err := keys.Retire(uint32(id))
	if err != nil {
		return err
	}
	return keep(left, file, out)
}

func load(file string) (*seal.Keys, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the operator names it
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}
	keys, err := seal.ParseKeys(text, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the keys in %s: %w", file, err)
	}
	return keys, nil
}

// keep replaces the file, whole or not at all; what it is made of is readable by its owner alone.
func keep(keys *seal.Keys, file string, out io.Writer) error {
	text, err := keys.JSON()
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), ".keyset-*")
	if err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }() //nolint:gosec // beside the file that the operator names
	_, err = temporary.Write(text)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}
	if err := os.Rename(temporary.Name(), file); err != nil { //nolint:gosec // the operator names it
		return fmt.Errorf("keeping the keys: %w", err)
	}
	return printIDs(keys, out)
}

func printIDs(keys *seal.Keys, out io.Writer) error {
	for _, id := range keys.IDs() {
		mark := " "
		if id == keys.Primary() {
			mark = "*"
		}
		if err := printTo(out, fmt.Sprintf("%s %d\n", mark, id)); err != nil {
			return err
		}
	}
	return nil
}

func printTo(out io.Writer, text string) error {
	if _, err := io.WriteString(out, text); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}
