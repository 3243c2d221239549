using Microsoft.Extensions.Time.Testing;
using Noos.Server.Accounts;

namespace Noos.Server.Tests.Accounts;

/// <summary>How often one may ask.</summary>
public sealed class RequestRateTests
{
    readonly FakeTimeProvider _time = new();

    [Fact]
    public void So_many_at_once_then_one_by_one_and_each_for_itself()
    {
        var rate = new RequestRate(_time);

        Assert.All(Enumerable.Range(0, 6), _ => Assert.Null(rate.Take("anna", 6)));
        Assert.Equal(TimeSpan.FromSeconds(10), rate.Take("anna", 6));
        Assert.Null(rate.Take("bert", 6));

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(rate.Take("anna", 6));
        Assert.NotNull(rate.Take("anna", 6));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.All(Enumerable.Range(0, 6), _ => Assert.Null(rate.Take("anna", 6)));
        Assert.NotNull(rate.Take("anna", 6));
    }

    [Fact]
    public void Memory_of_many_names_is_bounded()
    {
        var rate = new RequestRate(_time);
        for (var i = 0; i < 30_000; i++)
        {
            Assert.Null(rate.Take($"{i}", 1));
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.NotNull(rate.Take("29999", 1));
    }
}
