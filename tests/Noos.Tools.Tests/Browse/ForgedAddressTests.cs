using System.Net;
using Noos.Core.Conversations;
using Noos.Kernel.Gate;

namespace Noos.Tools.Tests.Browse;

/// <summary>
/// Addresses that mean this machine or its network without saying so, end to end: the parser that requests really go through, the real
/// tool, the real gate with a person who allows everything, and a listener on the loopback interface that must hear nothing.
/// </summary>
public sealed class ForgedAddressTests : IDisposable
{
    static readonly string[] s_innerHosts = ["127.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.1.1", "0.0.0.0", "100.100.100.200"];

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
        b => $"0{Octal(b[0])}.0{Octal(b[1])}.0{Octal(b[2])}.0{Octal(b[3])}",
        b => $"0{Octal(Number(b))}",
        b => $"000{Octal(b[0])}.{b[1]}.0x{b[2]:x}.{b[3]}",
        b => $"%{(int)$"{b[0]}"[0]:x2}{$"{b[0]}"[1..]}.{b[1]}.{b[2]}.{b[3]}",
        b => $"{b[0]}。{b[1]}。{b[2]}。{b[3]}",
        b => $"{b[0]}．{b[1]}．{b[2]}．{b[3]}",
        b => string.Concat($"{b[0]}.{b[1]}.{b[2]}.{b[3]}".Select(c => char.IsAsciiDigit(c) ? (char)('０' + (c - '0')) : c)),
        b => string.Concat($"{b[0]}".Select(c => c == '0' ? '⓪' : (char)('①' + (c - '1')))) + $".{b[1]}.{b[2]}.{b[3]}",
        b => $"[::ffff:{b[0]}.{b[1]}.{b[2]}.{b[3]}]",
        b => $"[::ffff:{b[0]:x2}{b[1]:x2}:{b[2]:x2}{b[3]:x2}]",
        b => $"[0000:0000:0000:0000:0000:FFFF:{b[0]:X2}{b[1]:X2}:{b[2]:X2}{b[3]:X2}]",
        b => $"[::{b[0]}.{b[1]}.{b[2]}.{b[3]}]",
        b => $"[::ffff:0:{b[0]}.{b[1]}.{b[2]}.{b[3]}]",
        b => $"[64:ff9b::{b[0]}.{b[1]}.{b[2]}.{b[3]}]",
        b => $"[64:ff9b:1::{b[0]:x2}{b[1]:x2}:{b[2]:x2}{b[3]:x2}]",
        b => $"[2002:{b[0]:x2}{b[1]:x2}:{b[2]:x2}{b[3]:x2}::1]",
        b => $"[2001:0:53aa:64c::{(byte)~b[0]:x2}{(byte)~b[1]:x2}:{(byte)~b[2]:x2}{(byte)~b[3]:x2}]",
        b => $"[2606:4700::5efe:{b[0]}.{b[1]}.{b[2]}.{b[3]}]",
        b => $"{b[0]}-{b[1]}-{b[2]}-{b[3]}.inner.test",
    ];

    static readonly string[] s_hosts =
    [
        "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::1%1]", "[fe80::1]", "[fe80::1%25eth0]", "[fd00:ec2::254]", "[fc00::1]", "[fec0::1]",
        "[ff02::1]", "[::ffff:7f00:0001]", "localhost", "LOCALHOST", "localhost.", "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "ip6-localhost",
        "127.1",
        "0x7f.1", "0177.1", "0", "0.0", "127.0.0.1.nip.test", "metadata.google.internal", "kubernetes.default.svc", "mixed.test",
        "open.test.inner.test", "open.test%00.inner.test", "open.test%2einner.test",
    ];

    // Whole addresses; {0} is the port of the listener.
    static readonly string[] s_addresses =
    [
        "http://open.test@127.0.0.1:{0}/", "http://open.test:{0}@127.0.0.1:{0}/", "http://127.0.0.1:{0}@inner.test:{0}/",
        "http://127.0.0.1:{0}#@open.test:{0}/", "http://127.0.0.1:{0}?@open.test:{0}/", "http://127.0.0.1:{0}\\@open.test:{0}/",
        "http://open.test:{0}\\@127.0.0.1:{0}/", "http:\\\\127.0.0.1:{0}\\", "http:/127.0.0.1:{0}/", "http:///127.0.0.1:{0}/",
        "http:127.0.0.1:{0}", "//127.0.0.1:{0}/", "///127.0.0.1:{0}/", "\\\\127.0.0.1:{0}\\", "127.0.0.1:{0}", "127.0.0.1:{0}/latest",
        "HTTP://127.0.0.1:{0}/", "hTtP://LocalHost:{0}/", "http://127.0.0.1 :{0}/", "  http://127.0.0.1:{0}/", "http://\t127.0.0.1:{0}/",
        "ht\ntp://127.0.0.1:{0}/", "http://127.0.0.1:0{0}/", "http://127.0.0.1:{0}/../../", "http://user:secret@127.0.0.1:{0}/",
        "http://@127.0.0.1:{0}/", "http://:@127.0.0.1:{0}/", "http://127.0.0.1:{0}:80/", "https://127.0.0.1:{0}/", "https://localhost:{0}",
        "localhost:{0}", "[::1]:{0}", "[::ffff:127.0.0.1]:{0}/x", "2130706433:{0}", "0x7f000001:{0}", "０x7f000001:{0}",
        "<http://127.0.0.1:{0}/>", "[http://127.0.0.1:{0}/]", "ftp://127.0.0.1:{0}/", "gopher://127.0.0.1:{0}/_GET",
        "dict://127.0.0.1:{0}/",
        "ldap://127.0.0.1:{0}/", "ws://127.0.0.1:{0}/", "tftp://127.0.0.1:{0}/", "jar:http://127.0.0.1:{0}!/", "file:///etc/passwd",
        "file://127.0.0.1/etc/passwd", "view-source:http://127.0.0.1:{0}/", "javascript:fetch('http://127.0.0.1:{0}/')",
        "data:text/html,<meta http-equiv=refresh content=0;url=http://127.0.0.1:{0}/>", "blob:http://127.0.0.1:{0}/1",
        "http+unix://%2fvar%2frun%2fdocker.sock/info", "http://inner.test:{0}/", "http://127.0.0.1:{0}/%2e%2e/", "http://127.0.0.1%20:{0}/",
        "http://127.0.0.1%09:{0}/", "http://127.0.0.1\u200B:{0}/", "http://127.0.0.1\u00AD:{0}/", "http://127\u3002\uFF10\uFF610.1:{0}/",
        "http://xn--127-.0.0.1:{0}/", "http://0127.0.0.1:{0}/", "http://127.000.000.001:{0}/", "http://127.0.0.1e0:{0}/",
        "http://18446744071562067969:{0}/", "http://0x17f000001:{0}/", "http://127.0.0.257:{0}/", "http://[::127.0.0.1%25lo]:{0}/",
        "http://[::1]x:{0}/", "http://[]:{0}/", "http://:{0}/", "http://.:{0}/",
        "http://127.0.0.1,open.test:{0}/", "http://open.test&@127.0.0.1:{0}/",
    ];

    readonly BrowseWorld _world = new(resolve: name => name.StartsWith("mixed.", StringComparison.Ordinal)
        ? [IPAddress.Parse("1.1.1.1"), IPAddress.Loopback]
        : [IPAddress.Loopback])
    {
        IsAllowed = true,
    };

    public static TheoryData<string> Hosts =>
        [.. s_innerHosts.SelectMany(inner => s_spellings.Select(spell => spell(IPAddress.Parse(inner).GetAddressBytes()))), .. s_hosts];

    public static TheoryData<string> Addresses => [.. s_addresses];

    [Fact]
    public void There_are_as_many_as_promised() => Assert.InRange(s_innerHosts.Length * s_spellings.Length + s_hosts.Length
        + s_addresses.Length, 150, int.MaxValue);

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Host_is_not_reached(string host)
    {
        var outcome = await _world.OpenAsync($"http://{host}:{_world.Web.Port}/");

        Assert.True(outcome.Result.IsError, Text(outcome));
        Assert.Equal(0, _world.Web.Connections);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Address_is_not_reached(string address)
    {
        var outcome = await _world.OpenAsync(address.Replace("{0}", $"{_world.Web.Port}", StringComparison.Ordinal));

        Assert.True(outcome.Result.IsError, Text(outcome));
        Assert.Equal(0, _world.Web.Connections);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Host_is_not_reached_by_a_redirect_or_a_link(string host)
    {
        var inner = $"http://{host}:{_world.Web.Port}/inner";
        var redirect = _world.Redirect("/redirect", inner);
        var page = _world.Page("/page", $"<p>A page whose only purpose is to have you follow <a href=\"{inner}\">this link</a>.</p>");

        var redirected = await _world.OpenAsync(redirect);
        await _world.OpenAsync(page);
        var linked = await _world.OpenAsync("1");

        Assert.True(redirected.Result.IsError, Text(redirected));
        Assert.True(linked.Result.IsError, Text(linked));
        Assert.DoesNotContain(_world.Web.Requests, request => request.Path == "/inner");
        Assert.Equal(2, _world.Web.Connections);
    }

    [Fact]
    public async Task Name_that_resolves_anew_is_not_reached()
    {
        var looked = 0;
        using var world = new BrowseWorld(resolve: _ => looked++ % 2 == 0 ? [IPAddress.Parse("1.1.1.1")] : [IPAddress.Loopback])
        {
            IsAllowed = true,
        };

        for (var i = 0; i < 4; i++)
        {
            Assert.True((await world.OpenAsync($"http://rebind.test:{world.Web.Port}/")).Result.IsError);
        }

        Assert.True(looked >= 4);
        Assert.Equal(0, world.Web.Connections);
    }

    public void Dispose() => _world.Dispose();

    static string Text(ToolOutcome outcome) => string.Concat(outcome.Result.Parts.OfType<TextPart>().Select(part => part.Text));

    static string Octal(uint number) => Convert.ToString(number, 8);

    static uint Number(byte[] bytes) => (uint)((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]);
}
