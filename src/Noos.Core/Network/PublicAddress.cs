using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Noos.Core.Network;

/// <summary>
/// Which IP addresses belong to the public internet: everything but IANA's special-purpose registries (RFC 6890 and its updates) and the
/// metadata addresses of clouds. An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4, Teredo, ISATAP) is judged by itself.
/// </summary>
public static class PublicAddress
{
    static readonly IPNetwork[] s_special =
    [
        IPNetwork.Parse("0.0.0.0/8"),          // this host (RFC 1122); Linux connects 0.0.0.0 to itself
        IPNetwork.Parse("10.0.0.0/8"),         // private (RFC 1918)
        IPNetwork.Parse("100.64.0.0/10"),      // carrier NAT (RFC 6598); Alibaba's metadata 100.100.100.200
        IPNetwork.Parse("127.0.0.0/8"),        // loopback
        IPNetwork.Parse("168.63.129.16/32"),   // Azure's host
        IPNetwork.Parse("169.254.0.0/16"),     // link-local; the metadata of most clouds
        IPNetwork.Parse("172.16.0.0/12"),      // private
        IPNetwork.Parse("192.0.0.0/24"),       // protocol assignments; Oracle's metadata 192.0.0.192
        IPNetwork.Parse("192.0.2.0/24"),       // documentation
        IPNetwork.Parse("192.88.99.0/24"),     // 6to4 relays, given up (RFC 7526)
        IPNetwork.Parse("192.168.0.0/16"),     // private
        IPNetwork.Parse("198.18.0.0/15"),      // benchmarks
        IPNetwork.Parse("198.51.100.0/24"),    // documentation
        IPNetwork.Parse("203.0.113.0/24"),     // documentation
        IPNetwork.Parse("224.0.0.0/3"),        // multicast, reserved, broadcast
        IPNetwork.Parse("2001::/23"),          // protocol assignments: Teredo, ORCHID, benchmarks
        IPNetwork.Parse("2001:db8::/32"),      // documentation
        IPNetwork.Parse("2620:4f:8000::/48"),  // AS112
        IPNetwork.Parse("3fff::/20"),          // documentation
    ];

    // All that IANA has given out as global unicast; what lies outside (loopback, mapped, unique local, link-local, multicast) is not.
    static readonly IPNetwork s_globalUnicast = IPNetwork.Parse("2000::/3");

    static readonly IPNetwork s_nat64 = IPNetwork.Parse("64:ff9b::/96");
    static readonly IPNetwork s_6to4 = IPNetwork.Parse("2002::/16");

    /// <summary>Whether a request of a model may go to the address.</summary>
    public static bool IsPublic(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !IsSpecial(address);
        }

        // A zone names an interface of this machine.
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.ScopeId != 0)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (address.IsIPv4MappedToIPv6 || s_nat64.Contains(address))
        {
            return !IsSpecial(new IPAddress(bytes[12..]));
        }

        if (s_6to4.Contains(address))
        {
            return !IsSpecial(new IPAddress(bytes.Slice(2, 4)));
        }

        // ISATAP (RFC 5214): the interface identifier is 0:5efe or 200:5efe before the IPv4 address.
        var isIsatap = (BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) & 0xFDFF_FFFF) == 0x0000_5EFE;
        return s_globalUnicast.Contains(address) && !IsSpecial(address) && !(isIsatap && IsSpecial(new IPAddress(bytes[12..])));
    }

    static bool IsSpecial(IPAddress address) => Array.Exists(s_special, network => network.Contains(address));
}
