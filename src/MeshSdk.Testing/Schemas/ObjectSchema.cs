using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>What a request says of fields that the schema does not have.</summary>
internal enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

/// <summary>Makes what somebody sent into what is stored: unknown fields dropped or refused, defaults filled in, values checked.</summary>
internal static class ObjectSchema
{
    /// <summary>
    /// Changes <paramref name="content"/> in place. Does not touch <c>metadata</c> beyond its shape, which is the store's matter.
    /// </summary>
    /// <returns>Warnings for the <c>Warning</c> header; empty unless <paramref name="validation"/> is Warn.</returns>
    /// <exception cref="ApiException">400 for unknown or duplicate fields under Strict, 422 Invalid with causes for wrong values.</exception>
    public static IReadOnlyList<string> Prepare(ResourceType type, JsonObject content, FieldValidation validation) => throw new NotImplementedException();
}
