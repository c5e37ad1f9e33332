// SPDX-License-Identifier: GPL-2.0-or-later

package api_test

// renamed lists the schema's types whose Go name is another. The schema uses
// some names twice; "#2" marks the second.
var renamed = map[string]string{
	"UUID#2":               "UUID",
	"StorageDomainType#2":  "StorageDomainKind",
	"TaskInfo#2":           "GlusterTaskInfo",
	"VolumeInfo#2":         "GlusterVolumeInfo",
	"VolumeStatus#2":       "GlusterVolumeState",
	"GlusterServiceAction": "GlusterServiceActionKind", // the verb GlusterService.action has the name
	"LeaseInfo":            "LeaseInfoResult",          // the verb Lease.info has the name
	"StorageDomainDump":    "StorageDomainDumpResult",  // the verb StorageDomain.dump has the name
}

// A difference from the contract that is meant.
type difference struct {
	at       string // place; with a star at the end, everything below it
	contract string
	ours     string
	why      string
}

const (
	noDefinition = "the original never describes the whole VM: the captured answers (raw-vm-life) and vm.py hold something smaller"
	emptyAnswer  = "the original answers an empty object (vm.py: vmList={})"
	noMembers    = "gluster verbs answer all members but the status, here none: {}"
	resume       = "managers send it to start a VM from its saved memory (API.py VM.create)"
	notAnError   = "a base class or success, which no reply carries as an error"
	netinfo      = "the members that the original answers, each always there unless it is not known (netinfo/cache.py, network.md 9)"
	volumeText   = "sizes and times of volumes travel as text (rpc-flow-localfs, rpc-flow-nfs; volume.py getInfo, hsm.py getVolumeSize)"
	measured     = "the original answers what qemu-img measures (hsm.py measure, rpc-flow-localfs)"
	taskDetails  = "the original answers the task's own state and the value of its work (task.py getDetails, task-files)"
	onlyActive   = "the original leaves out what it does not know of a domain that is not active (hsm.py _getDomsStats)"
	rawTicket    = "managers and image daemons know more members than the schema: all go through untouched (imagetickets.py)"
	jobIsFlat    = "the event holds the same job information as Host.getJobs (jobs.py)"
)

var differences = []difference{
	{"Host.dumpxmls result", "[]StringMap", "map[UUID]string", "the original answers a map from id to XML (API.py dumpxmls, raw-vm-life)"},
	{"Host.getVMFullList result", "[]VMFullInfo", "[]VmShortStatus", noDefinition},
	{"VmInfo alternatives", "VmDefinition,UUID,VmShortStatus", "UUID,VmShortStatus", noDefinition},
	{"VmShortStatus.statusTime", "", "string", "manager orders states by it; it is in every captured answer"},
	{"VM.getInfo result", "VmDefinition", "VmShortStatus", noDefinition},
	{"VM.create result", "VmDefinition", "VmCreated", noDefinition},
	{"MigrationCreateState.params", "VmDefinition", "VmCreated", noDefinition},
	{"VM.hotplugNic result", "VmDefinition", "HotpluggedNIC", noDefinition},
	{"VM.cont result", "VmDefinition", "VMListResult", "the original answers {vmList: {}} (Bridge.py, raw-vm-life)"},
	{"VM.pause result", "VmDefinition", "VMListResult", "the original answers {vmList: {}} (Bridge.py, raw-vm-life)"},
	{"VM.changeCD result", "VmDefinition", "EmptyObject", emptyAnswer},
	{"VM.changeFloppy result", "VmDefinition", "EmptyObject", emptyAnswer},
	{"VM.hotplugDisk result", "VmDefinition", "EmptyObject", emptyAnswer},
	{"VM.hotplugLease result", "VmDefinition", "EmptyObject", emptyAnswer},
	{"VM.hotplugMemory result", "VmDefinition", "EmptyObject", emptyAnswer},
	{"VM.hotunplugDisk result", "VmDefinition", "EmptyObject", emptyAnswer},
	{"VM.hotunplugLease result", "VmDefinition", "EmptyObject", emptyAnswer},
	{"VM.hotunplugNic result", "VmDefinition", "EmptyObject", emptyAnswer},
	{"VM.setNumberOfCpus result", "VmDefinition", "EmptyObject", emptyAnswer},
	{"VM.updateDevice result", "VmDefinition", "EmptyObject", emptyAnswer},

	{"TaskDetails.taskResult", "TaskResult", "", taskDetails},
	{"TaskDetails.state", "TaskState", "string", taskDetails},
	{"TaskDetails.result", "", "any", taskDetails},
	{"StoragePoolDomainInfo.diskfree default", "required", "null", onlyActive},
	{"StoragePoolDomainInfo.disktotal default", "required", "null", onlyActive},
	{"StoragePoolDomainInfo.version default", "required", "null", onlyActive},

	{"VolumeSizeInfo.truesize", "uint", "string", volumeText},
	{"VolumeSizeInfo.apparentsize", "uint", "string", volumeText},
	{"VolumeInfoResponse.capacity", "uint", "string", volumeText},
	{"VolumeInfoResponse.mtime", "uint", "string", volumeText},
	{"VolumeInfoResponse.ctime", "int", "string", volumeText},
	{"VolumeInfoResponse.truesize", "uint", "string", volumeText},
	{"VolumeInfoResponse.apparentsize", "uint", "string", volumeText},
	{"VolumeInfoResponse.allocType", "VolumeAllocation", "", "the original calls it type (volume.py metadata2info)"},
	{"VolumeInfoResponse.type", "", "VolumeAllocation", "the schema calls it allocType (volume.py metadata2info)"},
	{"VolumeInfoResponse.sequence", "", "uint", "managers recover chains by it (volume.py metadata2info)"},
	{"QemuImageInfo.bitmaps", "Qcow2BitmapInfo", "[]Qcow2BitmapInfo", "an image has several, each a list of its members (rpc-flow-localfs)"},
	{"VolumeMeasureResult.fully-allocated", "", "int", measured},
	{"VolumeMeasureResult.bitmaps", "", "int", measured},
	{"StorageDomainInfo.*", "", "", "the original tells a domain by its metadata, the version as text, and says of which storage it is made; it never tells what the pool knows (sd.py, fileSD.py, blockSD.py getInfo)"},
	{"StorageDomainStats.diskfree", "int", "string", "text on the wire (fileSD.py getStats)"},
	{"StorageDomainStats.disktotal", "int", "string", "text on the wire (fileSD.py getStats)"},
	{"StorageDomainFileStats.ctime", "uint", "string", "text with a fraction on the wire (fileSD.py getFileList)"},
	{"StorageDomainFileStats.size", "uint", "string", "text on the wire (fileSD.py getFileList)"},
	{"VolumeDump.sequence", "", "uint", "in every dump since volumes have it (volumemetadata.py)"},
	{"VolumeDump.truesize default", "required", "null", "left out of a volume without data (fileSD.py)"},
	{"VolumeDump.apparentsize default", "required", "null", "left out of a volume without data (fileSD.py)"},
	{"ImageTicket.-", "", "RawMessage", rawTicket},
	{"TicketInfo.-", "", "RawMessage", rawTicket},
	{"ExternalLeaseStatus.owners", "uint", "[]uint", "a list on the wire (sd.py lease_status)"},
	{"StorageDomainDumpResult.leases", "LeaseDump", "[]LeaseDump", "a list on the wire (fileSD.py _dump_leases)"},
	{"StorageDomainDumpResult.lockspace", "LeaseDump", "[]LeaseDump", "a list on the wire (sd.py dump_lockspace)"},
	{"ExternalLeaseStatus.version default", "required", "null", "null on the wire after a release (clusterlock.py inspect)"},
	{"StorageDomain.resizePV result", "uint", "string", "the original writes the size as text (hsm.py resizePV)"},
	{"VmParameters.memoryDumpVolume", "", "DriveSpecVolume", resume},
	{"VmParameters.memoryConfVolume", "", "DriveSpecVolume", resume},
	{"VmParameters.hiberVolHandle", "", "HibernationVolumeHandle", resume},

	{"HookScriptAdditional kind", "object", "map", "its one member is any_string, which stands for any name"},
	{"DriveSpecCdrom alternatives", "DriveSpecCdrom,DriveSpecCdrom", "DriveSpecPathCdrom,DriveSpecVolumeCdrom", "the schema gives the union and both alternatives one name"},
	{"StoragePoolDomainInfo.isoprefix", "string", "", "the schema lists the member twice"},

	// Statistics and capabilities: the original breaks its own schema here
	// (rpc.md, "Validation"; cli-Host.getStats, cli-Host.getCapabilities,
	// cli-Host.getHardwareInfo, cli-Host.getNetworkStatistics). The types
	// follow the recordings, and what is not known is left out of the answer.
	{"VdsmCapabilities.*", "", "", "the types follow the captured answers"},
	{"HostStats.*", "", "", "the types follow the captured answers"},
	{"VmStats *", "", "", "the types follow the captured answers"},
	{"RunningVmStats.*", "", "", "the types follow the captured answers"},
	{"ExitedVmStats.*", "", "", "the types follow the captured answers"},
	{"VmExitCode kind", "enum", "alias", "numbers on the wire (raw-vm-life)"},
	{"VmExitReason kind", "enum", "alias", "numbers on the wire (raw-vm-life)"},
	{"GuestMemoryStats.*", "", "", "the types follow vmstats.py; what the guest did not tell is left out"},
	{"BlockJobInfo.*", "", "", "the types follow livemerge.py"},
	{"VmDiskStats.lunGUID", "", "string", "the original adds it for LUNs (vmstats.py)"},
	{"GuestMountInfo.used", "uint", "string", "text on the wire (guestagent.py)"},
	{"GuestMountInfo.total", "uint", "string", "text on the wire (guestagent.py)"},
	{"HardwareInformation.*", "", "", "the types follow the captured answers"},
	{"HostNetworkStatistics.*", "", "", "the types follow the captured answers"},
	{"NetInfoNic.*", "", "", netinfo},
	{"NetInfoBond.*", "", "", netinfo},
	{"NetInfoVlan.*", "", "", netinfo},
	{"NetInfoBridgedNetwork.*", "", "", netinfo},
	{"NetInfoBridgelessNetwork.*", "", "", netinfo},
	{"NetInfoBridgeMap value", "NetInfoBridgedNetwork", "NetInfoBridge", "bridges and networks on bridges have other members each (netinfo/cache.py)"},
	{"Lldp.enabled", "string", "boolean", "a truth value on the wire (lldp/info.py)"},
	{"Tlv.*", "", "", "numbers on the wire; only organisations' types have oui and subtype (lldpad/lldptool.py)"},

	{"Host.fenceNode.port", "int", "FencePort", "managers send a number, its text, or an empty text (API.py fenceNode)"},
	{"SoftwarePackage *", "", "", "the original reports more packages than its schema lists (host/caps.py, cli-Host.getCapabilities)"},
	{"HostJobType values", "storage,v2v", "storage,v2v,virt", "jobs of VM.snapshot and VM.seal have type virt (virt/jobs)"},
	{"HostJobStatus values", "aborted,done,failed,pending,running", "aborted,aborting,done,failed,pending,running", "a job that is being stopped is aborting (jobs.py)"},
	{"HostNetworkInterfaceStats.duplex", "", "string", "in every captured answer (cli-Host.getNetworkStatistics)"},
	{"NumaNodeHugePagesStats.freePages", "string", "uint", "a number on the wire (cli-Host.getStats)"},
	{"HostDeviceParams.*", "", "", "members that the original adds for some kinds of devices (common/hostdev.py)"},
	{"SetupNetworkNetAttributes.*", "", "", "managers send one NIC as text, a VLAN's tag as text, booleans as text, and members the schema lacks; a member of a wrong type must refuse the call (network.md sections 1, 4, 18)"},
	{"SetupNetworkBondAttributes.*", "", "", "as for networks; a removal has no nics"},
	{"SetupNetworkOptions.*", "", "", "managers send the check as text and options the schema lacks (network.md sections 6, 18, 19)"},
	{"HostBandwidthParams.ls default", "required", "unset", "each curve may be left out (network.md section 10)"},
	{"KsmTuneParams.*", "", "", "each setting may be left out (supervdsm_api/ksm.py)"},

	{"GlusterHost.processesStop result", "nothing", "EmptyObject", noMembers},
	{"GlusterSnapshot.configSet result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.geoRepKeysUpdate result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.geoRepMountBrokerSetup result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.geoRepSessionCreate result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.geoRepSessionDelete result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.metaVolumeMount result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.replaceBrickCommitForce result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.resetBrickCommitForce result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.resetBrickStart result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.snapshotConfigSet result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.snapshotScheduleOverride result", "nothing", "EmptyObject", noMembers},
	{"GlusterVolume.snapshotScheduleReset result", "nothing", "EmptyObject", noMembers},

	{"|virt|VM_status| members", "fixed", "free", "the original adds whatever of the statistics belongs to the change"},
	{"|jobs|status|.error default", "required", "null", jobIsFlat},
	{"|jobs|status|.error", "string", "ErrorInfo", jobIsFlat},
	{"|jobs|status|.job_type", "string", "HostJobType", jobIsFlat},
	{"|jobs|status|.progress", "", "uint", jobIsFlat},
	{"|jobs|status|.status default", "unchecked", "required", jobIsFlat},
	{"|jobs|status|.status", "JobStatus", "HostJobStatus", jobIsFlat},

	{"error 0 ContextException", "0 Vdsm Exception (context)", "", notAnError},
	{"error 0 Done", "0 Done (plain)", "", notAnError},
	{"error 0 JsonRpcErrorBase", "0 Vdsm Exception (context)", "", notAnError},
	{"error 0 JsonRpcServerError", "0  (context)", "", notAnError},
	{"error 0 VdsmException", "0 Vdsm Exception (plain)", "", notAnError},
}
