using System.Collections.Frozen;

namespace Noos.Corpus.Addresses;

/// <summary>
/// Which part of a name belongs to one registrant (publicsuffix.org): of <c>a.b.example.co.uk</c> it is <c>example.co.uk</c>. Thread-safe.
/// </summary>
public sealed class PublicSuffixList
{
    // Where Debian's package publicsuffix puts it.
    const string SystemPath = "/usr/share/publicsuffix/public_suffix_list.dat";

    // Suffixes of more than one label that the web uses most; for all ten thousand the list itself must be there.
    const string Common = """
        ac.at co.at gv.at or.at com.au edu.au gov.au net.au org.au id.au com.br edu.br gov.br net.br org.br blog.br com.cn edu.cn gov.cn
        net.cn org.cn ac.cn com.co edu.co gov.co ac.cr co.cr com.cy com.do com.ec com.eg com.es org.es com.fr com.gr com.gt com.hk edu.hk
        org.hk com.hr co.hu co.id ac.id go.id or.id sch.id web.id ac.il co.il org.il gov.il ac.in co.in edu.in gov.in net.in nic.in org.in
        ac.ir co.ir co.it ac.jp ad.jp co.jp ed.jp go.jp gr.jp lg.jp ne.jp or.jp co.ke or.ke ac.kr co.kr go.kr or.kr re.kr com.lb com.mt
        com.mx edu.mx gob.mx net.mx org.mx com.my edu.my gov.my org.my com.ng org.ng com.np com.pe edu.pe gob.pe com.ph edu.ph gov.ph com.pk
        edu.pk gov.pk com.pl edu.pl gov.pl net.pl org.pl waw.pl com.pt com.py com.qa com.ro com.ru msk.ru spb.ru com.sa com.sg edu.sg gov.sg
        com.sv ac.th co.th go.th in.th or.th com.tr edu.tr gov.tr org.tr com.tw edu.tw gov.tw org.tw com.ua edu.ua gov.ua in.ua kiev.ua
        org.ua net.ua ac.uk co.uk gov.uk ltd.uk me.uk net.uk nhs.uk org.uk plc.uk police.uk sch.uk com.uy com.ve com.vn edu.vn gov.vn
        net.vn org.vn ac.nz co.nz govt.nz net.nz org.nz school.nz ac.za co.za gov.za net.za org.za web.za com.ar edu.ar gob.ar gov.ar
        net.ar org.ar com.bd com.bo
        blogspot.com github.io gitlab.io herokuapp.com netlify.app pages.dev vercel.app web.app firebaseapp.com readthedocs.io
        azurewebsites.net cloudfront.net wordpress.com tumblr.com
        """;

    // 1 a rule, 2 a rule for every label below, 4 an exception.
    readonly FrozenDictionary<string, int> _rules;

    PublicSuffixList(IEnumerable<string> lines)
    {
        var rules = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var end = line.AsSpan().IndexOfAny(' ', '\t');
            var rule = (end < 0 ? line : line[..end]).Trim();
            if (rule.Length == 0 || rule.StartsWith("//", StringComparison.Ordinal))
            {
                continue;
            }

            var (kind, name) = rule[0] == '!' ? (4, rule[1..])
                : rule.StartsWith("*.", StringComparison.Ordinal) ? (2, rule[2..])
                : (1, rule);
            if (DomainName.ToAscii(name) is { } ascii)
            {
                rules[ascii] = rules.GetValueOrDefault(ascii) | kind;
            }
        }

        _rules = rules.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The list of the system where it has one, else the suffixes that are most used.</summary>
    public static PublicSuffixList Default => s_default.Value;

    static readonly Lazy<PublicSuffixList> s_default = new(() => File.Exists(SystemPath)
        ? Load(SystemPath)
        : new PublicSuffixList(Common.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>Reads a list as publicsuffix.org publishes it.</summary>
    public static PublicSuffixList Load(string path) => new(File.ReadLines(path));

    /// <summary>The part of a name that somebody has registered; the name itself where it is an address or a suffix.</summary>
    public string DomainOf(string host) => FindDomain(host) ?? host;

    /// <summary>The part of a name that somebody has registered; null where there is none.</summary>
    /// <param name="host">ASCII, in lower case, as <see cref="WebUrl.Host"/> is.</param>
    public string? FindDomain(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (host.Length == 0 || host[0] is '[' or '.' || char.IsAsciiDigit(host[^1]))
        {
            return null;
        }

        // From the longest suffix on, which is the first that a rule names; without any it is the last label.
        var domain = -1;
        for (var at = 0; ;)
        {
            var next = host.IndexOf('.', at);
            var kind = _rules.GetValueOrDefault(host[at..]);
            if ((kind & 4) != 0)
            {
                return host[at..];
            }

            var isWild = next >= 0 && (_rules.GetValueOrDefault(host[(next + 1)..]) & 2) != 0;
            if (isWild && (_rules.GetValueOrDefault(host[at..]) & 4) == 0)
            {
                return domain < 0 ? null : host[domain..];
            }

            if ((kind & 1) != 0 || next < 0)
            {
                return domain < 0 ? null : host[domain..];
            }

            (domain, at) = (at, next + 1);
        }
    }
}
