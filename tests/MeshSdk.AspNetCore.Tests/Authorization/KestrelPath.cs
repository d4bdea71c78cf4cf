namespace MeshSdk.AspNetCore.Tests.Authorization;

/// <summary>What Kestrel gives an application as the path, for tests without it; that this is so the tests over the wire show.</summary>
internal static class KestrelPath
{
    public static string Of(string target)
    {
        if (target[0] != '/')
        {
            return Uri.TryCreate(target, UriKind.Absolute, out var url) && url.Host.Length > 0 ? url.LocalPath : "";
        }

        var path = target.Split('?')[0];
        var escaped = path.Contains('%', StringComparison.Ordinal);
        var decoded = string.Join("%2F", path.Split("%2F").Select(static part => string.Join("%2f", part.Split("%2f").Select(Uri.UnescapeDataString))));
        var segments = new List<string>();
        var parts = (escaped ? decoded : path).Split('/');
        for (var i = 1; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            switch (parts[i])
            {
                case ".":
                    break;
                case "..":
                    segments.RemoveRange(Math.Max(0, segments.Count - 1), Math.Min(1, segments.Count));
                    break;
                default:
                    segments.Add(parts[i]);
                    continue;
            }

            if (isLast)
            {
                segments.Add("");
            }
        }

        return "/" + string.Join('/', segments);
    }
}
