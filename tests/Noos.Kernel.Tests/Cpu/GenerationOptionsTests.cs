using System.Collections;
using System.Text.Json;
using Noos.Kernel.Cpu;

namespace Noos.Kernel.Tests.Cpu;

public sealed class GenerationOptionsTests
{
    [Fact]
    public void Every_option_that_is_open_comes_from_the_fallback_and_no_other()
    {
        var properties = typeof(GenerationOptions).GetProperties().Where(property => property.CanWrite).ToArray();
        var fallback = new GenerationOptions();
        foreach (var property in properties)
        {
            property.SetValue(fallback, Sample(property.PropertyType));
        }

        var merged = new GenerationOptions { Temperature = 9 }.OrElse(fallback);

        Assert.All(properties, property => Assert.NotNull(property.GetValue(merged)));
        Assert.Equal((9, fallback.TopK, fallback.Seed), (merged.Temperature, merged.TopK, merged.Seed));
    }

    static object Sample(Type type) => Nullable.GetUnderlyingType(type) is { } number ? Convert.ChangeType(2, number)
        : type == typeof(ResponseFormat) ? ResponseFormat.JsonObject
        : type.IsAssignableTo(typeof(IEnumerable)) && type.GetGenericArguments() is [_] ? new List<string>()
        : type == typeof(string) ? "low"
        : type.IsAssignableFrom(typeof(Dictionary<string, JsonElement>)) ? new Dictionary<string, JsonElement>()
        : new Dictionary<int, float>();
}
