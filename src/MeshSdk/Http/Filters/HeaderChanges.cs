using MeshSdk.Model;

namespace MeshSdk.Http.Filters;

/// <summary>Carries out a header filter: sets, then adds, then removes.</summary>
internal static class HeaderChanges
{
    public static void Apply(HeaderFilter filter, HttpRequestMessage request, MessageBackup backup)
    {
        foreach (var header in filter.Set)
        {
            Set(request, header, backup, append: false);
        }

        foreach (var header in filter.Add)
        {
            Set(request, header, backup, append: true);
        }

        foreach (var name in filter.Remove)
        {
            backup.Keep(name);
            HeadersOf(request).Remove(name);
        }
    }

    public static void Apply(HeaderFilter filter, HttpResponseMessage response)
    {
        var headers = HeadersOf(response);
        foreach (var header in filter.Set)
        {
            headers.Set(header.Name, header.Value);
        }

        foreach (var header in filter.Add)
        {
            // Each cookie is a header of its own, in responses, and nothing can join two of them.
            if (header.Name.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase))
            {
                response.Headers.TryAddWithoutValidation(header.Name, header.Value);
            }
            else
            {
                headers.Add(header.Name, header.Value);
            }
        }

        foreach (var name in filter.Remove)
        {
            headers.Remove(name);
        }
    }

    public static MessageHeaders HeadersOf(HttpRequestMessage request) => new(request.Headers, request.Content?.Headers);

    public static MessageHeaders HeadersOf(HttpResponseMessage response) => new(response.Headers, response.Content.Headers);

    private static void Set(HttpRequestMessage request, HeaderValue header, MessageBackup backup, bool append)
    {
        backup.Keep(header.Name);
        if (!Try())
        {
            // It describes a body, and there is none to carry it.
            request.Content = new ByteArrayContent([]);
            Try();
        }

        bool Try() => append ? HeadersOf(request).Add(header.Name, header.Value) : HeadersOf(request).Set(header.Name, header.Value);
    }
}
