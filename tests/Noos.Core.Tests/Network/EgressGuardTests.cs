using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Noos.Core.Network;
using Noos.Testing;

namespace Noos.Core.Tests.Network;

public sealed class EgressGuardTests : IDisposable
{
    static readonly string[] s_innerHosts = ["127.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.1.1", "0.0.0.0", "100.100.100.200"];

    // How an IPv4 address can be written so that some parser takes it for one.
    static readonly Func<byte[], string>[] s_spellings =
    [
        b => $"{b[0]}.{b[1]}.{b[2]}.{b[3]}",
        b => $"{b[0]}.{b[1]}.{b[2]}.{b[3]}.",
        b => $"{b[0]}.{b[1]}.{(b[2] << 8) + b[3]}",
        b => $"{b[0]}.{(b[1] << 16) + (b[2] << 8) + b[3]}",
        b => $"{Number(b)}",
        b => $"0x{Number(b):x8}",
        b => $"0X{Number(b):X8}",
        b => $"0x{b[0]:x}.0x{b[1]:x}.0x{b[2]:x}.0x{b[3]:x}",
        b => $"0{Convert.ToString(b[0], 8)}.0{Convert.ToString(b[1], 8)}.0{Convert.ToString(b[2], 8)}.0{Convert.ToString(b[3], 8)}",
        b => $"0{Convert.ToString(Number(b), 8)}",
        b => $"000{Convert.ToString(b[0], 8)}.{b[1]}.0x{b[2]:x}.{b[3]}",
        b => $"%{(int)$"{b[0]}"[0]:x2}{$"{b[0]}"[1..]}.{b[1]}.{b[2]}.{b[3]}",
        b => $"{b[0]}。{b[1]}。{b[2]}。{b[3]}",
        b => $"{b[0]}．{b[1]}．{b[2]}．{b[3]}",
        b => FullWidth($"{b[0]}.{b[1]}.{b[2]}.{b[3]}"),
        b => Circled($"{b[0]}") + $".{b[1]}.{b[2]}.{b[3]}",
        b => $"[::ffff:{b[0]}.{b[1]}.{b[2]}.{b[3]}]",
        b => $"[::ffff:{b[0]:x2}{b[1]:x2}:{b[2]:x2}{b[3]:x2}]",
        b => $"[0:0:0:0:0:ffff:{b[0]:x2}{b[1]:x2}:{b[2]:x2}{b[3]:x2}]",
        b => $"[0000:0000:0000:0000:0000:FFFF:{b[0]:X2}{b[1]:X2}:{b[2]:X2}{b[3]:X2}]",
        b => $"[::{b[0]}.{b[1]}.{b[2]}.{b[3]}]",
        b => $"[::ffff:0:{b[0]}.{b[1]}.{b[2]}.{b[3]}]",
        b => $"[64:ff9b::{b[0]}.{b[1]}.{b[2]}.{b[3]}]",
        b => $"[64:ff9b::{b[0]:x2}{b[1]:x2}:{b[2]:x2}{b[3]:x2}]",
        b => $"[64:ff9b:1::{b[0]:x2}{b[1]:x2}:{b[2]:x2}{b[3]:x2}]",
        b => $"[2002:{b[0]:x2}{b[1]:x2}:{b[2]:x2}{b[3]:x2}::]",
        b => $"[2001:0:53aa:64c::{(byte)~b[0]:x2}{(byte)~b[1]:x2}:{(byte)~b[2]:x2}{(byte)~b[3]:x2}]",
        b => $"[2606:4700::5efe:{b[0]}.{b[1]}.{b[2]}.{b[3]}]",
        b => $"{b[0]}-{b[1]}-{b[2]}-{b[3]}.inner.test",
        b => $"{Number(b)}.inner.test.",
    ];

    static readonly string[] s_others =
    [
        "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::1%1]", "[fe80::1]", "[fe80::1%25eth0]", "[fd00:ec2::254]", "[fc00::1]", "[ff02::1]",
        "localhost", "LOCALHOST", "localhost.", "ｌｏｃａｌｈｏｓｔ", "127.1", "0x7f.1", "0177.1", "0", "0.0", "mixed.test", "ip6-localhost",
    ];

    readonly LoopbackWeb _web = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> InnerHosts =>
        [.. s_innerHosts.SelectMany(inner => s_spellings.Select(spell => spell(IPAddress.Parse(inner).GetAddressBytes()))), .. s_others];

    [Theory]
    [MemberData(nameof(InnerHosts))]
    public async Task Inner_host_is_not_reached_in_any_spelling(string host)
    {
        using var guard = Guard();
        using var client = guard.CreateClient();

        // The forms that are no address at all are refused by the parser: that is an end, too.
        var error = await Record.ExceptionAsync(() => client.GetAsync(new Uri($"http://{host}:{_web.Port}/"), Token));

        Assert.True(error is NoosException { Kind: ErrorKind.Refused } or UriFormatException, $"{host}: {error}");
        Assert.Equal(0, _web.Connections);
    }

    [Theory]
    [MemberData(nameof(InnerHosts))]
    public async Task Redirect_to_an_inner_host_is_not_followed(string host)
    {
        _web.Respond = _ => LoopbackResponse.Redirect($"http://{host}:{_web.Port}/inner");
        using var guard = Guard("open.test");
        using var client = guard.CreateClient();

        HttpResponseMessage? response = null;
        var error = await Record.ExceptionAsync(async () => response = await client.GetAsync(new Uri(_web.Address("open.test")), Token));

        // A place that is no address is no redirect.
        Assert.True(error is NoosException { Kind: ErrorKind.Refused } || response?.StatusCode == HttpStatusCode.Found, $"{host}: {error}");
        response?.Dispose();
        Assert.Equal("/", Assert.Single(_web.Requests).Path);
    }

    /// <summary>Where each request counts, a connection that ends without an answer is the end of it.</summary>
    [Fact]
    public async Task Request_is_sent_once_where_it_is_not_to_be_repeated()
    {
        _web.Respond = _ => throw new IOException("The server has had enough.");
        using var guard = new EgressGuard(new EgressOptions
        {
            PrivateHosts = [$"open.test:{_web.Port}"],
            Resolve = _web.ResolveAsync,
            Reconnects = false,
        });
        using var client = guard.CreateClient();

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri(_web.Address("open.test")), Token));
        Assert.Single(_web.Requests);
    }

    [Fact]
    public async Task Named_private_host_is_reached_and_its_name_is_looked_up_once()
    {
        using var guard = Guard("open.test", "*.wide.test");
        using var client = guard.CreateClient();

        Assert.Equal("ok", await client.GetStringAsync(new Uri(_web.Address("OPEN.test", "/a?b=c#d")), Token));
        Assert.Equal("ok", await client.GetStringAsync(new Uri(_web.Address("a.wide.test")), Token));
        var other = await Assert.ThrowsAsync<NoosException>(() => client.GetAsync(new Uri(_web.Address("wide.test.other.test")), Token));

        Assert.Contains("allow", other.Message, StringComparison.Ordinal);
        Assert.Equal(["/a?b=c", "/"], _web.Requests.Select(request => request.Path));
        Assert.Equal(["open.test", "a.wide.test", "wide.test.other.test"], _web.LookedUp);
    }

    [Theory]
    [InlineData("ftp://open.test/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://open.test:80/")]
    [InlineData("http://me:secret@open.test/")]
    [InlineData("http://open.test:22/")]
    [InlineData("http://open.test:6379/")]
    [InlineData("https://open.test:8443/")]
    public async Task Other_schemes_ports_and_credentials_are_refused_before_anything_is_looked_up(string address)
    {
        using var guard = Guard("open.test");
        using var client = guard.CreateClient();

        var error = await Record.ExceptionAsync(() => client.GetAsync(new Uri(address), Token));

        // HttpClient itself knows only http, https and web sockets.
        Assert.True(error is NoosException { Kind: ErrorKind.Refused } or NotSupportedException, $"{error}");
        Assert.Empty(_web.LookedUp);
    }

    [Fact]
    public async Task Rule_is_asked_before_every_hop_and_before_names_are_looked_up()
    {
        _web.Respond = request => request.Path switch
        {
            "/1" => LoopbackResponse.Redirect("/2", 307),
            "/2" => LoopbackResponse.Redirect(_web.Address("other.test", "/3")),
            _ => new LoopbackResponse("end"),
        };
        using var guard = Guard("open.test", "other.test");
        var asked = new List<EgressRequest>();
        using var free = guard.CreateClient(request =>
        {
            asked.Add(request);
            return null;
        });
        using var bound = guard.CreateClient(request => request.Address.Host == "open.test" ? null : "Not there.");

        using var response = await free.GetAsync(new Uri(_web.Address("open.test", "/1")), Token);
        _web.LookedUp.Clear();
        var error = await Assert.ThrowsAsync<NoosException>(() => bound.GetAsync(new Uri(_web.Address("open.test", "/1")), Token));

        Assert.Equal(_web.Address("other.test", "/3"), response.RequestMessage!.RequestUri!.AbsoluteUri);
        Assert.Equal(["/1", "/2", "/3"], asked.Select(request => request.Address.PathAndQuery));
        Assert.All(asked, request => Assert.Equal("/1", request.Origin.PathAndQuery));
        Assert.Equal([0, 1, 2], asked.Select(request => request.Redirects));
        Assert.Equal(("Not there.", ErrorKind.Refused), (error.Message, error.Kind));
        Assert.DoesNotContain("other.test", _web.LookedUp);
    }

    [Fact]
    public async Task Headers_of_a_tool_stay_with_the_server_they_are_for()
    {
        _web.Respond = request => request.Host == "open.test"
            ? LoopbackResponse.Redirect(_web.Address("other.test"))
            : new LoopbackResponse("end");
        using var guard = Guard("open.test", "other.test");
        using var client = guard.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, _web.Address("open.test"));
        request.Headers.Add("Authorization", "Bearer key");
        request.Headers.Add("Accept", "text/html");
        request.Headers.Host = "inner.test";

        using var response = await client.SendAsync(request, Token);

        Assert.Equal(["open.test", "other.test"], _web.Requests.Select(one => one.Host));
        Assert.Equal([true, false], _web.Requests.Select(one => one.Raw.Contains("Bearer", StringComparison.Ordinal)));
        Assert.All(_web.Requests, one => Assert.Contains("text/html", one.Raw, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Body_is_sent_once()
    {
        _web.Respond = _ => LoopbackResponse.Redirect(_web.Address("other.test"), 307);
        using var guard = Guard("open.test", "other.test");
        using var client = guard.CreateClient();

        using var response = await client.PostAsync(new Uri(_web.Address("open.test")), new StringContent("data"), Token);

        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Single(_web.Requests);
    }

    [Fact]
    public async Task Circle_of_redirects_ends()
    {
        _web.Respond = _ => LoopbackResponse.Redirect("/");
        using var guard = Guard("open.test");
        using var client = guard.CreateClient();

        await Assert.ThrowsAsync<NoosException>(() => client.GetAsync(new Uri(_web.Address("open.test")), Token));

        Assert.Equal(6, _web.Requests.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Long_content_is_cut_off_also_when_it_is_packed(bool isPacked)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var serve = ServeAsync();
        using var guard = new EgressGuard(new EgressOptions
        {
            PrivateHosts = [$"big.test:{port}"],
            Resolve = _web.ResolveAsync,
            MaxResponseBytes = 1 << 20,
        });
        using var client = guard.CreateClient();

        var error = await Assert.ThrowsAsync<NoosException>(() => client.GetByteArrayAsync(new Uri($"http://big.test:{port}/"), Token));

        Assert.Contains("longer than 1,048,576 bytes", error.Message, StringComparison.Ordinal);
        await serve;

        async Task ServeAsync()
        {
            using var accepted = await listener.AcceptTcpClientAsync(Token);
            await using var stream = accepted.GetStream();
            _ = await stream.ReadAtLeastAsync(new byte[16], 16, cancellationToken: Token);
            // No length: it comes in chunks until the client has had enough.
            await stream.WriteAsync(Encoding.Latin1.GetBytes(
                $"HTTP/1.1 200 OK\r\nConnection: close\r\n{(isPacked ? "Content-Encoding: gzip\r\n" : "")}\r\n"), Token);
            try
            {
                if (isPacked)
                {
                    await using var packed = new GZipStream(stream, CompressionLevel.Fastest);
                    await packed.WriteAsync(new byte[8 << 20], Token);
                }
                else
                {
                    await stream.WriteAsync(new byte[8 << 20], Token);
                }
            }
            catch (IOException)
            {
                // As it should be.
            }
        }
    }

    [Fact]
    public async Task Server_that_never_ends_is_given_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var guard = new EgressGuard(new EgressOptions
        {
            PrivateHosts = [$"slow.test:{port}"],
            Resolve = _web.ResolveAsync,
            Timeout = TimeSpan.FromMilliseconds(50),
        });
        using var client = guard.CreateClient();

        var error = await Assert.ThrowsAsync<NoosException>(() => client.GetAsync(new Uri($"http://slow.test:{port}/"), Token));

        Assert.Equal((ErrorKind.Unavailable, "slow.test took longer than 0.05 seconds; try another address."), (error.Kind, error.Message));
    }

    [Fact]
    public async Task Cancelled_request_is_cancelled()
    {
        using var guard = Guard("open.test");
        using var client = guard.CreateClient();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetAsync(new Uri(_web.Address("open.test")), new CancellationToken(canceled: true)));
    }

    public void Dispose() => _web.Dispose();

    /// <summary>The port of the web is open to all, so that addresses decide; these hosts are, whatever their address.</summary>
    EgressGuard Guard(params string[] hosts) => new(new EgressOptions
    {
        Ports = [80, 443, _web.Port],
        PrivateHosts = [.. hosts.Select(host => $"{host}:{_web.Port}")],
        Resolve = async (name, cancellationToken) => name.StartsWith("mixed.", StringComparison.Ordinal)
            ? [IPAddress.Parse("1.1.1.1"), IPAddress.Loopback]
            : await _web.ResolveAsync(name, cancellationToken),
    });

    static uint Number(byte[] bytes) => (uint)((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]);

    static string FullWidth(string text) => string.Concat(text.Select(c => char.IsAsciiDigit(c) ? (char)('０' + (c - '0')) : c));

    static string Circled(string digits) => string.Concat(digits.Select(c => c == '0' ? '⓪' : (char)('①' + (c - '1'))));
}
