using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace MeshSdk.Testing.Api;

/// <summary>
/// The server's own way to its objects, for controllers and access checks: past HTTP and access control, but through the same store, so that every
/// change has its resourceVersion and reaches every watch.
/// </summary>
internal interface IClusterApi
{
    JsonObject? Get(string group, string plural, string? ns, string name);

    /// <param name="ns">Null: of all namespaces.</param>
    IReadOnlyList<JsonObject> List(string group, string plural, string? ns = null);

    /// <summary>Creates or replaces, whatever version is there; a write that changes nothing is none.</summary>
    JsonObject Put(string group, string plural, JsonObject content);

    /// <summary>
    /// Changes an object in one step with the look at it, so that nobody else's change in between is lost, and nothing that has gone comes back.
    /// </summary>
    /// <param name="uid">Another object of the same name is not meant.</param>
    /// <param name="change">Changes the object in place; called under the lock of all writes.</param>
    /// <returns>The object as it is then; null where there is none.</returns>
    JsonObject? Update(string group, string plural, string? ns, string name, string uid, Action<JsonObject> change);

    /// <summary>False where there was none.</summary>
    bool Delete(string group, string plural, string? ns, string name);

    /// <summary>All objects that there are, as added, then every change in order, until cancelled.</summary>
    ChannelReader<ApiChange> Watch(string group, string plural, CancellationToken cancellationToken);
}

/// <param name="Type">ADDED, MODIFIED or DELETED.</param>
internal sealed record ApiChange(string Type, JsonObject Content);
