using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Api;

/// <summary>Completes or refuses an object that is about to be stored, after its schema has been applied.</summary>
internal interface IAdmission
{
    /// <param name="before">Null where the object is created.</param>
    /// <param name="after">What will be stored; changed in place.</param>
    /// <exception cref="ApiException">The write is refused.</exception>
    void Admit(ResourceType type, JsonObject? before, JsonObject after);
}
