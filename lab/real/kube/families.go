package main

import (
	"fmt"
	"io"
	"strings"

	v1 "k8s.io/api/core/v1"
)

type families struct {
	order []string
	lines map[string]*strings.Builder
}

// add appends one sample; kv is label name, label value, and so on.
func (f *families) add(name string, value float64, kv ...string) {
	b := f.lines[name]
	if b == nil {
		b = &strings.Builder{}
		f.lines[name] = b
		f.order = append(f.order, name)
	}
	esc := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	b.WriteString(name + "{")
	for i := 0; i+1 < len(kv); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(kv[i] + `="` + esc.Replace(kv[i+1]) + `"`)
	}
	fmt.Fprintf(b, "} %v\n", value)
}

func (f *families) write(w io.Writer) {
	for _, name := range f.order {
		fmt.Fprintf(w, "# TYPE %s gauge\n%s", name, f.lines[name].String())
	}
}

// join copies, so that appending to a shared beginning is safe.
func join(begin []string, rest ...string) []string {
	return append(append([]string{}, begin...), rest...)
}

// conditions adds one sample for each status a condition can have; the true one is 1.
func (f *families) conditions(name, label string, is v1.ConditionStatus, kv ...string) {
	for _, s := range []v1.ConditionStatus{v1.ConditionTrue, v1.ConditionFalse, v1.ConditionUnknown} {
		f.add(name, bit(is == s), join(kv, label, strings.ToLower(string(s)))...)
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (f *families) resources(name string, list v1.ResourceList, kv ...string) {
	for r, q := range list {
		unit := "integer"
		switch {
		case r == v1.ResourceCPU:
			unit = "core"
		case r == v1.ResourceMemory, r == v1.ResourceStorage, r == v1.ResourceEphemeralStorage,
			strings.HasPrefix(string(r), v1.ResourceHugePagesPrefix):
			unit = "byte"
		}
		label := strings.NewReplacer("-", "_", ".", "_", "/", "_").Replace(string(r))
		f.add(name, q.AsApproximateFloat64(), join(kv, "resource", label, "unit", unit)...)
	}
}
