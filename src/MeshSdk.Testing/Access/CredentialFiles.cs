using System.Text;

namespace MeshSdk.Testing.Access;

/// <summary>Writes what clients read their credentials from. Files are replaced whole, and nobody else may read them.</summary>
internal static class CredentialFiles
{
    public static void WriteKubeconfig(string path, Uri server, string authorityPem, string token, string? ns)
    {
        var authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(authorityPem));
        Write(path, $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: embedded
              cluster:
                server: {server.AbsoluteUri.TrimEnd('/')}
                certificate-authority-data: {authority}
            users:
            - name: embedded
              user:
                token: {token}
            contexts:
            - name: embedded
              context:
                cluster: embedded
                user: embedded
                namespace: {ns ?? "default"}
            current-context: embedded

            """);
    }

    public static void WriteServiceAccount(string directory, string ns, string authorityPem, string token)
    {
        Directory.CreateDirectory(directory);
        Write(Path.Combine(directory, "ca.crt"), authorityPem);
        Write(Path.Combine(directory, "namespace"), ns);
        Write(Path.Combine(directory, "token"), token);
    }

    // A reader must see the old or the new content, never a part: hence the rename.
    private static void Write(string path, string content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.UTF8.GetBytes(content));
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
