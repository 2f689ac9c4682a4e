package api

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Optional is a query parameter that can be told apart from its zero value.
type Optional[T any] struct {
	Value T
	IsSet bool
}

// Schema implements huma.SchemaProvider.
func (Optional[T]) Schema(registry huma.Registry) *huma.Schema {
	return huma.SchemaFromType(registry, reflect.TypeFor[T]())
}

// Receiver implements huma.ParamWrapper.
func (o *Optional[T]) Receiver() reflect.Value { return reflect.ValueOf(o).Elem().Field(0) }

// OnParamSet implements huma.ParamReactor.
func (o *Optional[T]) OnParamSet(isSet bool, _ any) { o.IsSet = isSet }

// Pointer is nil when the parameter was not sent.
func (o Optional[T]) Pointer() *T {
	if !o.IsSet {
		return nil
	}
	return &o.Value
}

// Nullable is a field of a PATCH: left out, null, or a value.
type Nullable[T any] struct {
	Value T
	IsSet bool
	Null  bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Nullable[T]) UnmarshalJSON(data []byte) error {
	n.IsSet = true
	n.Null = bytes.Equal(data, []byte("null"))
	if n.Null {
		return nil
	}
	return json.Unmarshal(data, &n.Value)
}

// MarshalJSON implements json.Marshaler; a field left out is left out by omitzero.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.Null {
		return []byte("null"), nil
	}
	return json.Marshal(n.Value)
}

// Schema implements huma.SchemaProvider.
func (Nullable[T]) Schema(registry huma.Registry) *huma.Schema {
	schema := *huma.SchemaFromType(registry, reflect.TypeFor[T]())
	schema.Nullable = true
	return &schema
}
