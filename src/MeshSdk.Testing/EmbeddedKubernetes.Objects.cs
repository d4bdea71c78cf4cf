using System.Text;
using System.Text.Json;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Http;
using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing;

public sealed partial class EmbeddedKubernetes
{
    private static readonly WriteOptions OwnWrites = new() { Manager = "embedded-kubernetes", Force = true, Validation = FieldValidation.Strict };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, TypeInfoResolver = JsonContext.Default };

    /// <summary>
    /// Applies manifests as <c>kubectl apply --server-side --force-conflicts</c> does, in their order, with unknown fields refused. Works whatever
    /// faults are set, also while the server does not listen.
    /// </summary>
    /// <param name="manifests">YAML or JSON; one or many documents, and lists. What names no namespace goes into <c>default</c>.</param>
    /// <exception cref="FormatException">The text cannot be read; nothing has been applied.</exception>
    /// <exception cref="EmbeddedKubernetesException">An object has been refused; those before it have been applied.</exception>
    public Task ApplyAsync(string manifests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(manifests);
        foreach (var content in ManifestObjects.Read(manifests))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (kind, metadata) = (content.Text("kind") ?? "", content.Metadata());
            var (ns, name) = (metadata.Text("namespace"), metadata.Text("name") ?? "");
            Run($"{kind} {new ObjectKey(ns ?? "", name)}", () =>
            {
                var type = _catalog.ByKind(content.Text("apiVersion") ?? "", kind)
                    ?? throw new ApiException(404, "NotFound", $"no matches for kind \"{kind}\" in version \"{content.Text("apiVersion")}\"");
                if (name.Length == 0)
                {
                    throw ApiException.BadRequest("metadata.name is required");
                }

                return _parts.Writer.Apply(type, type.IsNamespaced ? ns ?? "default" : null, name, content, OwnWrites);
            });
        }

        return Task.CompletedTask;
    }

    /// <summary>Reads an object as indented JSON; null where there is none.</summary>
    /// <param name="kind">As kubectl takes it: kind, plural, singular or short name, with the group behind a dot where it is needed.</param>
    /// <param name="ns">Null for kinds that are in none, and for <c>default</c>.</param>
    /// <param name="name">The object's name.</param>
    /// <exception cref="EmbeddedKubernetesException">There is no such kind.</exception>
    public Task<string?> GetAsync(string kind, string? ns, string name, CancellationToken cancellationToken = default)
    {
        var json = Run($"{kind} {name}", () =>
        {
            var type = _catalog.ByName(kind);
            return _parts.Store.Find(CollectionId.Of(type), new(NamespaceOf(type, ns) ?? "", name))?.Parse(type).ToJsonString(Indented);
        });
        return Task.FromResult(json);
    }

    /// <summary>Changes an object by a JSON merge patch, as <c>kubectl patch --type merge</c> does. Works whatever faults are set.</summary>
    /// <param name="kind">As in <see cref="GetAsync"/>.</param>
    /// <param name="ns">Null for kinds that are in none, and for <c>default</c>.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="mergePatch">JSON: fields replace fields, null removes them, lists replace lists.</param>
    /// <exception cref="EmbeddedKubernetesException">There is no such object, or the patch has been refused.</exception>
    public Task PatchAsync(string kind, string? ns, string name, string mergePatch, CancellationToken cancellationToken = default)
    {
        Run($"{kind} {name}", () =>
        {
            var type = _catalog.ByName(kind);
            return _parts.Writer.Patch(
                type, NamespaceOf(type, ns), name, "application/merge-patch+json", Encoding.UTF8.GetBytes(mergePatch), OwnWrites);
        });
        return Task.CompletedTask;
    }

    /// <summary>Deletes an object. True where there was one, even where finalizers keep it for a while. Works whatever faults are set.</summary>
    /// <param name="kind">As in <see cref="GetAsync"/>.</param>
    /// <param name="ns">Null for kinds that are in none, and for <c>default</c>.</param>
    /// <param name="name">The object's name.</param>
    /// <exception cref="EmbeddedKubernetesException">There is no such kind, or the object must not be deleted.</exception>
    public Task<bool> DeleteAsync(string kind, string? ns, string name, CancellationToken cancellationToken = default)
    {
        var isDeleted = Run($"{kind} {name}", () =>
        {
            var type = _catalog.ByName(kind);
            try
            {
                _parts.Writer.Delete(type, NamespaceOf(type, ns), name, new());
                return true;
            }
            catch (ApiException absent) when (absent.Code == 404)
            {
                return false;
            }
        });
        return Task.FromResult(isDeleted);
    }

    private static string? NamespaceOf(ResourceType type, string? ns) => type.IsNamespaced ? ns ?? "default" : null;

    private static T Run<T>(string subject, Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (ApiException refusal)
        {
            throw new EmbeddedKubernetesException($"{subject} was refused: {refusal.Message}", refusal.Code, refusal.Reason, refusal);
        }
    }
}
