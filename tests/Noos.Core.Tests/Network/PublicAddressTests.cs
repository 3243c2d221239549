using System.Net;
using Noos.Core.Network;

namespace Noos.Core.Tests.Network;

public sealed class PublicAddressTests
{
    // First and last of every special range, the metadata of clouds, and the same inside IPv6.
    static readonly string[] s_inner =
    [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "100.100.100.200", "127.0.0.0",
        "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255",
        "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192", "192.0.0.255", "192.0.2.1", "192.88.99.1", "192.168.0.0",
        "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255",
    ];

    static readonly string[] s_innerIPv6 =
    [
        "::", "::1", "::2", "::ffff:0:0", "fe80::1", "fe80::1%1", "febf::1", "fec0::1", "fc00::1", "fdff::1", "fd00:ec2::254", "ff02::1",
        "100::1", "100:0:0:1::1", "64:ff9b:1::1", "64:ff9b:1::a9fe:a9fe", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1",
        "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1", "3fff:fff::1", "5f00::1", "2620:4f:8000::1", "4000::1", "::ffff:0:127.0.0.1",
    ];

    static readonly string[] s_public =
    [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
        "198.20.0.0", "223.255.255.255", "168.63.129.15",
    ];

    static readonly string[] s_publicIPv6 =
    [
        "2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450::1", "2001:200::1", "2400::1", "3ffe::1", "2620:4f:8001::1",
    ];

    static readonly Func<string, string>[] s_disguises =
    [
        v4 => $"::ffff:{v4}", v4 => $"64:ff9b::{v4}", SixToFour, v4 => $"2606:4700::5efe:{v4}", v4 => $"2606:4700::200:5efe:{v4}",
    ];

    public static TheoryData<string> Inner =>
    [
        .. s_inner, .. s_innerIPv6,
        .. s_inner.SelectMany(v4 => s_disguises.Select(disguise => disguise(v4))),
        // What is left of the IPv4-compatible ones is no address of the internet at all.
        .. s_inner.Concat(s_public).Select(v4 => $"::{v4}"),
    ];

    public static TheoryData<string> Public =>
    [
        .. s_public, .. s_publicIPv6, .. s_public.SelectMany(v4 => s_disguises.Select(disguise => disguise(v4))),
    ];

    [Theory]
    [MemberData(nameof(Inner))]
    public void Inner_address_is_not_public_in_any_spelling(string address) =>
        Assert.False(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [MemberData(nameof(Public))]
    public void Public_address_is_public_in_every_spelling(string address) =>
        Assert.True(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public void Random_addresses_are_judged_alike_inside_IPv6()
    {
        var random = new Random(13);
        var inner = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[4];
            random.NextBytes(bytes);
            var v4 = new IPAddress(bytes).ToString();
            var isPublic = PublicAddress.IsPublic(IPAddress.Parse(v4));
            inner += isPublic ? 0 : 1;
            Assert.All(s_disguises, disguise => Assert.Equal(isPublic, PublicAddress.IsPublic(IPAddress.Parse(disguise(v4)))));
        }

        // About one in six: 32 of 256 blocks are multicast and reserved, the rest private, loopback, this host.
        Assert.InRange(inner, 2000, 5000);
    }

    static string SixToFour(string v4)
    {
        var bytes = IPAddress.Parse(v4).GetAddressBytes();
        return $"2002:{bytes[0]:x2}{bytes[1]:x2}:{bytes[2]:x2}{bytes[3]:x2}::1";
    }
}
