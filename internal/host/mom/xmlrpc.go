// SPDX-License-Identifier: GPL-2.0-or-later

package mom

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// Fault is an error that the called method raised.
type Fault struct{ Text string }

// Error implements error.
func (f *Fault) Error() string { return "MOM: " + f.Text }

// request writes a call whose arguments are texts.
func request(method string, args []string) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<methodCall><methodName>")
	escape(&b, method)
	b.WriteString("</methodName><params>")
	for _, a := range args {
		b.WriteString("<param><value><string>")
		escape(&b, a)
		b.WriteString("</string></value></param>")
	}
	b.WriteString("</params></methodCall>")
	return b.Bytes()
}

// escape cannot fail: a bytes.Buffer takes everything.
func escape(b *bytes.Buffer, text string) { _ = xml.EscapeText(b, []byte(text)) }

// value is the part of XML-RPC's values that MOM's answers to our calls use.
type value struct {
	Boolean *string  `xml:"boolean"`
	String  *string  `xml:"string"`
	Members []member `xml:"struct>member"`
	Bare    string   `xml:",chardata"`
}

type member struct {
	Name  string `xml:"name"`
	Value value  `xml:"value"`
}

type responseXML struct {
	XMLName xml.Name `xml:"methodResponse"`
	Value   *value   `xml:"params>param>value"`
	Fault   *value   `xml:"fault>value"`
}

// response reads an answer: a boolean, a text, or nil for values of other
// types. The error is a *Fault when the method raised one.
func response(body []byte) (any, error) {
	var doc responseXML
	if err := xml.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("MOM's answer: %w", err)
	}
	switch v := doc.Value; {
	case doc.Fault != nil:
		return nil, fault(doc.Fault)
	case v == nil:
		return nil, fmt.Errorf("MOM's answer has no value")
	case v.Boolean != nil:
		return strings.TrimSpace(*v.Boolean) == "1", nil
	case v.String != nil:
		return *v.String, nil
	default:
		return nil, nil
	}
}

func fault(v *value) *Fault {
	for _, m := range v.Members {
		if m.Name != "faultString" {
			continue
		}
		if m.Value.String != nil {
			return &Fault{*m.Value.String}
		}
		return &Fault{strings.TrimSpace(m.Value.Bare)}
	}
	return &Fault{"unknown fault"}
}
