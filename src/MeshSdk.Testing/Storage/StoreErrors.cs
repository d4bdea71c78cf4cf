using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Storage;

/// <summary>What clients are told of versions that cannot be served. They act on code, reason and cause.</summary>
internal static class StoreErrors
{
    public static ApiException Expired(long revision, long compacted) => new(410, "Expired", $"too old resource version: {revision} ({compacted})");

    public static ApiException TooLarge(long revision, long current) => new(504, "Timeout", $"Too large resource version: {revision}, current: {current}")
    {
        Details = new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        },
    };
}
