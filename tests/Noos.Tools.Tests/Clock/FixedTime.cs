using System.Globalization;

namespace Noos.Tools.Tests.Clock;

/// <summary>A clock that stands still, in a zone.</summary>
sealed class FixedTime(string utc = "2026-11-30T15:04:05Z", string zone = "Europe/Berlin") : TimeProvider
{
    readonly DateTimeOffset _now = DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture);

    public override DateTimeOffset GetUtcNow() => _now;

    public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.FindSystemTimeZoneById(zone);
}
