// SPDX-License-Identifier: GPL-2.0-or-later

package api

var GlusterServiceAction = declare[GlusterServiceActionParams, GlusterServicesStatusInfo]("GlusterService.action", "3.2")

type GlusterServiceActionParams struct {
	ServiceNames []string                 `json:"serviceNames"`
	Action       GlusterServiceActionKind `json:"action"`
}

var GlusterServiceGet = declare[GlusterServiceGetParams, GlusterServicesStatusInfo]("GlusterService.get", "3.2")

type GlusterServiceGetParams struct {
	ServiceNames []string `json:"serviceNames"`
}

type GlusterServiceActionKind string

const (
	GlusterServiceActionKindRestart GlusterServiceActionKind = "restart"
	GlusterServiceActionKindStart   GlusterServiceActionKind = "start"
	GlusterServiceActionKindStop    GlusterServiceActionKind = "stop"
)

// Values implements Enum.
func (GlusterServiceActionKind) Values() []string {
	return enum(GlusterServiceActionKindRestart, GlusterServiceActionKindStart, GlusterServiceActionKindStop)
}

type GlusterServicesStatusInfo struct {
	Services []GlusterServiceStatusInfo `json:"services"`
}

type GlusterServiceStatusInfo struct {
	Status  GlusterServiceStatus `json:"status"`
	Message string               `json:"message"`
	Name    string               `json:"name"`
}

type GlusterServiceStatus string

const (
	GlusterServiceStatusERROR        GlusterServiceStatus = "ERROR"
	GlusterServiceStatusNOTAVAILABLE GlusterServiceStatus = "NOT_AVAILABLE"
	GlusterServiceStatusNOTSUPPORTED GlusterServiceStatus = "NOT_SUPPORTED"
	GlusterServiceStatusRUNNING      GlusterServiceStatus = "RUNNING"
	GlusterServiceStatusSTOPPED      GlusterServiceStatus = "STOPPED"
)

// Values implements Enum.
func (GlusterServiceStatus) Values() []string {
	return enum(GlusterServiceStatusERROR, GlusterServiceStatusNOTAVAILABLE, GlusterServiceStatusNOTSUPPORTED, GlusterServiceStatusRUNNING, GlusterServiceStatusSTOPPED)
}
