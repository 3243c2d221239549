using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Noos.Bench.Cleaning;

/// <summary>
/// Folders as hosts of a web on the loopback addresses: <c>FOLDER/HOST/path</c> is <c>http://HOST:PORT/path</c>. Serves files as Apache
/// does with the documentation of Debian: no charset in the header, <c>index.html</c> for folders, <c>.en</c> behind names that have no
/// file of their own.
/// </summary>
static class DocumentationWeb
{
    static readonly Dictionary<string, string> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html",
        [".htm"] = "text/html",
        [".en"] = "text/html",
        [".xhtml"] = "application/xhtml+xml",
        [".txt"] = "text/plain",
        [".css"] = "text/css",
        [".js"] = "text/javascript",
        [".png"] = "image/png",
        [".gif"] = "image/gif",
        [".jpg"] = "image/jpeg",
        [".svg"] = "image/svg+xml",
        [".pdf"] = "application/pdf",
    };

    public static async Task ServeAsync(string folder, int port)
    {
        var root = Path.GetFullPath(folder);
        using var listener = new TcpListener(IPAddress.Any, port);
        listener.Start(500);
        Console.WriteLine(((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture));
        while (true)
        {
            _ = AnswerAsync(await listener.AcceptTcpClientAsync(), root);
        }
    }

    static async Task AnswerAsync(TcpClient client, string root)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
                while (await reader.ReadLineAsync() is { Length: > 0 } request)
                {
                    var host = "";
                    while (await reader.ReadLineAsync() is { Length: > 0 } line)
                    {
                        host = line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase) ? line[5..].Trim().Split(':')[0] : host;
                    }

                    var path = Find(root, host, request.Split(' ')[1], out var location);
                    var (status, type, body) = location is not null ? ("301 Moved", "text/html", [])
                        : path is null ? ("404 Not Found", "text/html", "<p>Not here.</p>"u8.ToArray())
                        : ("200 OK", s_types.GetValueOrDefault(Path.GetExtension(path), "application/octet-stream"),
                            await File.ReadAllBytesAsync(path));
                    var head = $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n"
                        + (location is null ? "" : $"Location: {location}\r\n") + "\r\n";
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(head));
                    await stream.WriteAsync(body);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or IndexOutOfRangeException)
            {
                // The crawler has gone.
            }
        }
    }

    static string? Find(string root, string host, string target, out string? location)
    {
        location = null;
        var path = Path.GetFullPath(Path.Combine(root, host, Uri.UnescapeDataString(target.Split('?', '#')[0]).TrimStart('/')));
        if (!path.StartsWith(Path.Combine(root, host) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            && path != Path.Combine(root, host))
        {
            return null;
        }

        if (Directory.Exists(path))
        {
            location = target.EndsWith('/') ? null : target + "/";
            path = Path.Combine(path, "index.html");
        }

        string[] candidates = [path, path + ".en", path + ".en.utf8"];
        return Array.Find(candidates, File.Exists);
    }
}
