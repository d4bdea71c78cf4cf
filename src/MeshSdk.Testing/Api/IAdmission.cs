using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Api;

/// <summary>
/// Completes or refuses an object before it is stored, as an admission plugin does. Called one at a time, after defaults and validation, for the
/// creation and the update of an object itself, not of its status.
/// </summary>
internal interface IAdmission
{
    /// <param name="before">Null where the object is created.</param>
    /// <param name="after">May be changed.</param>
    /// <exception cref="ApiException">The object is refused.</exception>
    void Admit(ResourceType type, JsonObject? before, JsonObject after);
}
