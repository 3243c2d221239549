namespace Noos.Tools.Units.Currencies;

/// <summary>What people call currencies, and the ISO 4217 codes of those that there are rates for.</summary>
static class CurrencyNames
{
    static readonly (string Code, string Names)[] s_currencies =
    [
        ("EUR", "euro,€"), ("USD", "dollar,us dollar,american dollar,u.s. dollar,$,us$,buck"), ("JPY", "yen,japanese yen,¥"),
        ("GBP", "pound,pound sterling,british pound,sterling,quid,£"), ("CHF", "swiss franc,franc,sfr"), ("CZK", "czech koruna,koruna,kč"),
        ("DKK", "danish krone,danish kroner"), ("HUF", "forint,hungarian forint"), ("PLN", "zloty,złoty,polish zloty,zł"),
        ("RON", "romanian leu,leu,lei"), ("SEK", "swedish krona,swedish kronor,krona,kronor"),
        ("ISK", "icelandic krona,icelandic króna"), ("NOK", "norwegian krone,norwegian kroner"), ("RUB", "ruble,rouble,russian ruble,₽"),
        ("TRY", "turkish lira,lira,₺"), ("AUD", "australian dollar,a$,au$"), ("BRL", "real,reais,brazilian real,r$"),
        ("CAD", "canadian dollar,c$,ca$"), ("CNY", "yuan,renminbi,chinese yuan,rmb"), ("HKD", "hong kong dollar,hk$"),
        ("IDR", "rupiah,indonesian rupiah"), ("ILS", "shekel,israeli shekel,new shekel,₪"), ("INR", "rupee,indian rupee,₹"),
        ("KRW", "won,south korean won,korean won,₩"), ("MXN", "mexican peso,peso"), ("MYR", "ringgit,malaysian ringgit"),
        ("NZD", "new zealand dollar,nz$"), ("PHP", "philippine peso,₱"), ("SGD", "singapore dollar,s$"), ("THB", "baht,thai baht,฿"),
        ("ZAR", "rand,south african rand"), ("BGN", "lev,leva,bulgarian lev"), ("HRK", "kuna,croatian kuna"),
        ("DEM", "deutsche mark,deutschmark,german mark,dm"), ("FRF", "french franc"), ("ITL", "italian lira,italian lire"),
        ("ESP", "peseta,spanish peseta"), ("ATS", "austrian schilling,schilling"), ("NLG", "dutch guilder,guilder"),
        ("BEF", "belgian franc"), ("LUF", "luxembourg franc"), ("IEP", "irish pound"), ("PTE", "portuguese escudo,escudo"),
        ("FIM", "finnish markka,markka"), ("GRD", "drachma,greek drachma"), ("SIT", "slovenian tolar,tolar"), ("CYP", "cypriot pound"),
        ("MTL", "maltese lira"), ("SKK", "slovak koruna"), ("EEK", "estonian kroon,kroon"), ("LVL", "latvian lats,lats"),
        ("LTL", "lithuanian litas,litas"), ("TRL", ""), ("ROL", ""),
    ];

    static readonly Lazy<Dictionary<string, string>> s_codes = new(() =>
    {
        var codes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (code, names) in s_currencies)
        {
            codes[code] = code;
            foreach (var name in names.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                codes.TryAdd(name, code);
                codes.TryAdd(name + "s", code);
            }
        }

        codes["pounds sterling"] = codes["british pounds"] = "GBP";
        return codes;
    });

    /// <summary>The ISO code of a currency; null where the name is none.</summary>
    public static string? Find(string name) => s_codes.Value.GetValueOrDefault(name.Trim());
}
