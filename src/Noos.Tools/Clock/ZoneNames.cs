using Noos.Core.Tools;

namespace Noos.Tools.Clock;

/// <summary>
/// Finds time zones by what people call them: the name of the zone database (Europe/Berlin), its city (Berlin, New York), some countries
/// and further cities, abbreviations (CET is one hour before UTC, whatever the season).
/// </summary>
static class ZoneNames
{
    /// <summary>Words of the longest name.</summary>
    public const int MaxWords = 3;

    static readonly string[] s_areas =
    [
        "Europe", "America", "Asia", "Africa", "Australia", "Pacific", "Atlantic", "Indian", "America/Argentina", "America/Indiana",
        "America/Kentucky", "Antarctica", "Arctic",
    ];

    // Hours before UTC, as they are used most.
    static readonly Dictionary<string, double> s_abbreviations = new (string Name, double Hours)[]
    {
        ("utc", 0), ("gmt", 0), ("z", 0), ("wet", 0), ("west", 1), ("bst", 1), ("cet", 1), ("cest", 2), ("mez", 1), ("mesz", 2),
        ("eet", 2), ("eest", 3), ("msk", 3), ("ist", 5.5), ("jst", 9), ("kst", 9), ("awst", 8), ("acst", 9.5), ("acdt", 10.5),
        ("aest", 10), ("aedt", 11), ("nzst", 12), ("nzdt", 13), ("est", -5), ("edt", -4), ("cst", -6), ("cdt", -5), ("mst", -7),
        ("mdt", -6), ("pst", -8), ("pdt", -7), ("akst", -9), ("akdt", -8), ("hst", -10),
    }.ToDictionary(zone => zone.Name, zone => zone.Hours, StringComparer.Ordinal);

    // Where the zone has another city's name, and countries with one zone.
    static readonly Dictionary<string, string> s_places = new (string Name, string Zone)[]
    {
        ("et", "America/New_York"), ("ct", "America/Chicago"), ("mt", "America/Denver"), ("pt", "America/Los_Angeles"),
        ("eastern", "America/New_York"), ("central", "America/Chicago"), ("mountain", "America/Denver"),
        ("pacific", "America/Los_Angeles"), ("beijing", "Asia/Shanghai"), ("shenzhen", "Asia/Shanghai"), ("china", "Asia/Shanghai"),
        ("germany", "Europe/Berlin"), ("munich", "Europe/Berlin"), ("hamburg", "Europe/Berlin"), ("frankfurt", "Europe/Berlin"),
        ("cologne", "Europe/Berlin"), ("france", "Europe/Paris"), ("italy", "Europe/Rome"), ("milan", "Europe/Rome"),
        ("barcelona", "Europe/Madrid"), ("austria", "Europe/Vienna"), ("switzerland", "Europe/Zurich"), ("geneva", "Europe/Zurich"),
        ("netherlands", "Europe/Amsterdam"), ("belgium", "Europe/Brussels"), ("poland", "Europe/Warsaw"), ("sweden", "Europe/Stockholm"),
        ("norway", "Europe/Oslo"), ("denmark", "Europe/Copenhagen"), ("finland", "Europe/Helsinki"), ("greece", "Europe/Athens"),
        ("ireland", "Europe/Dublin"), ("uk", "Europe/London"), ("england", "Europe/London"), ("scotland", "Europe/London"),
        ("britain", "Europe/London"), ("turkey", "Europe/Istanbul"), ("ukraine", "Europe/Kyiv"), ("kiev", "Europe/Kyiv"),
        ("saint petersburg", "Europe/Moscow"), ("india", "Asia/Kolkata"), ("delhi", "Asia/Kolkata"), ("new delhi", "Asia/Kolkata"),
        ("mumbai", "Asia/Kolkata"), ("bangalore", "Asia/Kolkata"), ("bengaluru", "Asia/Kolkata"), ("chennai", "Asia/Kolkata"),
        ("calcutta", "Asia/Kolkata"), ("japan", "Asia/Tokyo"), ("osaka", "Asia/Tokyo"), ("kyoto", "Asia/Tokyo"), ("korea", "Asia/Seoul"),
        ("south korea", "Asia/Seoul"), ("thailand", "Asia/Bangkok"), ("vietnam", "Asia/Ho_Chi_Minh"), ("hanoi", "Asia/Ho_Chi_Minh"),
        ("saigon", "Asia/Ho_Chi_Minh"), ("philippines", "Asia/Manila"), ("pakistan", "Asia/Karachi"), ("islamabad", "Asia/Karachi"),
        ("iran", "Asia/Tehran"), ("israel", "Asia/Jerusalem"), ("tel aviv", "Asia/Jerusalem"), ("abu dhabi", "Asia/Dubai"),
        ("saudi arabia", "Asia/Riyadh"), ("egypt", "Africa/Cairo"), ("nigeria", "Africa/Lagos"), ("kenya", "Africa/Nairobi"),
        ("south africa", "Africa/Johannesburg"), ("cape town", "Africa/Johannesburg"), ("nyc", "America/New_York"),
        ("boston", "America/New_York"), ("washington", "America/New_York"), ("miami", "America/New_York"),
        ("philadelphia", "America/New_York"), ("atlanta", "America/New_York"), ("houston", "America/Chicago"),
        ("dallas", "America/Chicago"), ("austin", "America/Chicago"), ("san francisco", "America/Los_Angeles"),
        ("seattle", "America/Los_Angeles"), ("san diego", "America/Los_Angeles"), ("las vegas", "America/Los_Angeles"),
        ("hawaii", "Pacific/Honolulu"), ("alaska", "America/Anchorage"), ("montreal", "America/Toronto"),
        ("ottawa", "America/Toronto"), ("rio de janeiro", "America/Sao_Paulo"), ("são paulo", "America/Sao_Paulo"),
        ("buenos aires", "America/Argentina/Buenos_Aires"), ("canberra", "Australia/Sydney"), ("new zealand", "Pacific/Auckland"),
        ("wellington", "Pacific/Auckland"), ("iceland", "Atlantic/Reykjavik"), ("portugal", "Europe/Lisbon"),
    }.ToDictionary(place => place.Name, place => place.Zone, StringComparer.Ordinal);

    /// <summary>The zone, or null.</summary>
    /// <param name="name">In lower case, words with one space between.</param>
    public static TimeZoneInfo? Find(string name)
    {
        if (s_abbreviations.TryGetValue(name, out var hours))
        {
            return hours == 0 ? TimeZoneInfo.Utc : Fixed(TimeSpan.FromHours(hours), name.ToUpperInvariant());
        }

        if (s_places.TryGetValue(name, out var known))
        {
            return TryGet(known);
        }

        // Names of the database have capitals and underscores: buenos aires is Buenos_Aires, port-au-prince Port-au-Prince.
        var city = string.Join('_', name.Split(' ', '_').Select(Capitalized));
        if (name.Contains('/'))
        {
            return TryGet(string.Join('/', city.Split('/').Select(part => string.Join('_', part.Split('_').Select(Capitalized)))));
        }

        return s_areas.Select(area => TryGet($"{area}/{city}")).FirstOrDefault(zone => zone is not null);
    }

    /// <summary>A zone that always differs from UTC by so much.</summary>
    public static TimeZoneInfo Fixed(TimeSpan offset, string? name = null)
    {
        name ??= "UTC" + (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString(@"hh\:mm");
        return TimeZoneInfo.CreateCustomTimeZone(name, offset, name, name);
    }

    /// <exception cref="ToolException">There is none.</exception>
    public static TimeZoneInfo Get(string name) => Find(name)
        ?? throw new ToolException(
            $"The time zone \"{name}\" is not known here; name a large city, or a zone such as Europe/Berlin or UTC+2.");

    static TimeZoneInfo? TryGet(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : null;

    static string Capitalized(string word) => word is "of" or "es" or "au" || word.Length == 0
        ? word
        : char.ToUpperInvariant(word[0]) + word[1..];
}
