// SPDX-License-Identifier: GPL-2.0-or-later

package api

// Errors of the protocol, answered before a verb is called. Source:
// lib/yajsonrpc/exception.py.
var (
	ErrJsonRpcParse          = code(-32700, "JsonRpcParseError", Context, "Invalid JSON was received by the server. An error occurred on the server while parsing the JSON text.")
	ErrJsonRpcNoResponse     = code(-32605, "JsonRpcNoResponseError", Context, "No response for JSON-RPC request")
	ErrJsonRpcBindings       = code(-32604, "JsonRpcBindingsError", Context, "Missing bindings for JSON-RPC.")
	ErrJsonRpcInternal       = code(-32603, "JsonRpcInternalError", Context, "Internal JSON-RPC error")
	ErrJsonRpcInvalidParams  = code(-32602, "JsonRpcInvalidParamsError", Context, "Invalid method parameter(s)")
	ErrJsonRpcMethodNotFound = code(-32601, "JsonRpcMethodNotFoundError", Context, "The method does not exist or is not available")
	ErrJsonRpcInvalidRequest = code(-32600, "JsonRpcInvalidRequestError", Context, "Invalid request")
)
