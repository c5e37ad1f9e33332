// SPDX-License-Identifier: GPL-2.0-or-later

package api

// GlusterServiceAction starts, stops or restarts services.
var GlusterServiceAction = declare[GlusterServiceActionParams, GlusterServicesStatusInfo]("GlusterService.action", "3.2")

// GlusterServiceActionParams are the parameters of GlusterService.action.
type GlusterServiceActionParams struct {
	ServiceNames []string                 `json:"serviceNames"`
	Action       GlusterServiceActionKind `json:"action"`
}

// GlusterServiceGet tells how services fare.
var GlusterServiceGet = declare[GlusterServiceGetParams, GlusterServicesStatusInfo]("GlusterService.get", "3.2")

// GlusterServiceGetParams are the parameters of GlusterService.get.
type GlusterServiceGetParams struct {
	ServiceNames []string `json:"serviceNames"`
}

// GlusterServiceActionKind is what to do with a service.
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

// GlusterServicesStatusInfo lists services.
type GlusterServicesStatusInfo struct {
	Services []GlusterServiceStatusInfo `json:"services"`
}

// GlusterServiceStatusInfo is how a service fares.
type GlusterServiceStatusInfo struct {
	Status  GlusterServiceStatus `json:"status"`
	Message string               `json:"message"`
	Name    string               `json:"name"`
}

// GlusterServiceStatus is the state of a service.
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
