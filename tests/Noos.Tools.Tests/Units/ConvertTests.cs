using CsCheck;
using Noos.Core.Tools;
using Noos.Tools.Tests.Clock;
using Noos.Tools.Units;

namespace Noos.Tools.Tests.Units;

public sealed class ConvertTests
{
    static readonly FixedTime s_time = new();
    static readonly ConvertTool s_tool = new();

    [Theory]
    [InlineData("5 miles to km", "8.04672 km")]
    [InlineData("convert 5 miles into kilometers", "8.04672 kilometers")]
    [InlineData("1 m to ft", "about 3.28083989501 ft")]
    [InlineData("5 ft 11 in to cm", "180.34 cm")]
    [InlineData("5'11\" to cm", "180.34 cm")]
    [InlineData("5 feet and 11 inches to m", "1.8034 m")]
    [InlineData("180 cm to ft and in", "5 ft about 10.8661417323 in")]
    [InlineData("5 in to cm", "12.7 cm")]
    [InlineData("5 cm in in", "about 1.96850393701 in")]
    [InlineData("1 nautical mile to m", "1852 m")]
    [InlineData("1 light year to km", "9460730472580.8 km")]
    [InlineData("98.6 °F to °C", "37 °C")]
    [InlineData("-40 C to F", "-40 F")]
    [InlineData("100 degrees Celsius to Kelvin", "373.15 Kelvin")]
    [InlineData("0 K to °C", "-273.15 °C")]
    [InlineData("70 kg to lb", "about 154.323583529 lb")]
    [InlineData("1 stone to kg", "6.35029318 kg")]
    [InlineData("12 stone 5 pounds to kg", "78.47148001 kg")]
    [InlineData("1 troy ounce to g", "31.1034768 g")]
    [InlineData("1 oz to g", "28.349523125 g")]
    [InlineData("2.5 t to kg", "2500 kg")]
    [InlineData("1 gallon to L", "3.785411784 L")]
    [InlineData("1 imperial gallon to liters", "4.54609 liters")]
    [InlineData("3 cups to mL", "709.7647095 mL")]
    [InlineData("16 fl oz to cups", "2 cups")]
    [InlineData("1 1/2 cups to tbsp", "24 tbsp")]
    [InlineData("1/3 cup to tsp", "16 tsp")]
    [InlineData("half a mile to m", "804.672 m")]
    [InlineData("1 acre to m²", "4046.8564224 m²")]
    [InlineData("1 hectare to acres", "about 2.47105381467 acres")]
    [InlineData("100 square feet to m^2", "9.290304 m^2")]
    [InlineData("1 cubic meter to liters", "1000 liters")]
    [InlineData("10 m2 to sq ft", "about 107.639104167 sq ft")]
    [InlineData("100 km/h to mph", "about 62.1371192237 mph")]
    [InlineData("60 mph to m/s", "26.8224 m/s")]
    [InlineData("10 knots to km/h", "18.52 km/h")]
    [InlineData("10 meters per second to kilometers per hour", "36 kilometers per hour")]
    [InlineData("30 psi to bar", "about 2.06842718795 bar")]
    [InlineData("1 atm to mmHg", "about 759.999891726 mmHg")]
    [InlineData("1013.25 hPa to atm", "1 atm")]
    [InlineData("1 kWh to J", "3600000 J")]
    [InlineData("500 kcal to kJ", "2092 kJ")]
    [InlineData("200 Calories to kJ", "836.8 kJ")]
    [InlineData("1 hp to W", "745.69987158227022 W")]
    [InlineData("1 eV to J", "1.602176634e-19 J")]
    [InlineData("9.81 m/s^2 to ft/s²", "about 32.1850393701 ft/s²")]
    [InlineData("10 kg*m/s^2 to N", "10 N")]
    [InlineData("1 GiB to MB", "1073.741824 MB")]
    [InlineData("1 TB to GiB", "about 931.322574615 GiB")]
    [InlineData("100 Mbps to MB/s", "12.5 MB/s")]
    [InlineData("512 KB to bytes", "512000 bytes")]
    [InlineData("90 minutes to hours", "1.5 hours")]
    [InlineData("1 h 30 min to s", "5400 s")]
    [InlineData("1 year to days", "365.2425 days")]
    [InlineData("10000 s to h and min and s", "2 h 46 min 40 s")]
    [InlineData("30 mpg to L/100km", "about 7.84048611111 L/100km")]
    [InlineData("5 L/100 km to mpg", "about 47.0429166667 mpg")]
    [InlineData("180 degrees to radians", "about 3.14159265359 radians")]
    [InlineData("1 turn to degrees", "360 degrees")]
    [InlineData("50 Hz to ms", "20 ms")]
    [InlineData("1,000,000 mm to km", "1 km")]
    [InlineData("1 000 000 mm to km", "1 km")]
    [InlineData("5e3 m to km", "5 km")]
    [InlineData("(2+3)*4 kg to g", "20000 g")]
    [InlineData("5 miles -> km", "8.04672 km")]
    [InlineData("72 kg as pounds", "about 158.732828773 pounds")]
    public void Units_are_converted(string expression, string expected) => Assert.Equal(expected, s_tool.Evaluate(expression, s_time));

    [Theory]
    [InlineData("100 USD to EUR on 2024-06-28", "93.41 EUR (rounded; 1 EUR = 1.0705 USD, ECB reference rate of 2024-06-28)")]
    [InlineData("$100 to euros on 28 June 2024", "93.41 EUR (rounded; 1 EUR = 1.0705 USD, ECB reference rate of 2024-06-28)")]
    // A Saturday: the rate of the Friday before.
    [InlineData("100 dollars in euros on 2024-06-29", "93.41 EUR (rounded; 1 EUR = 1.0705 USD, ECB reference rate of 2024-06-28)")]
    [InlineData("50 pounds to yen on 2024-06-28",
        "10157.38 JPY (rounded; 1 EUR = 0.84638 GBP = 171.94 JPY, ECB reference rate of 2024-06-28)")]
    [InlineData("1 EUR to USD", "1.17 USD (rounded; 1 EUR = 1.1684 USD, ECB reference rate of 2026-04-13, the newest here)")]
    [InlineData("1 IDR to EUR on 2024-06-28", "0.00005718 EUR (rounded; 1 EUR = 17487.21 IDR, ECB reference rate of 2024-06-28)")]
    [InlineData("100 German marks to EUR", "51.13 EUR (rounded; 1 EUR = 1.95583 DEM, fixed by law)")]
    [InlineData("1000 ITL to DEM on 2001-05-05", "1.01 DEM (rounded; 1 EUR = 1936.27 ITL = 1.95583 DEM, fixed by law)")]
    [InlineData("100 HRK to EUR on 2023-05-05", "13.27 EUR (rounded; 1 EUR = 7.53450 HRK, fixed by law)")]
    [InlineData("100 HRK to EUR on 2022-05-05", "13.26 EUR (rounded; 1 EUR = 7.5398 HRK, ECB reference rate of 2022-05-05)")]
    public void Money_is_converted_at_the_rate_of_the_day(string expression, string expected) =>
        Assert.Equal(expected, s_tool.Evaluate(expression, s_time));

    [Theory]
    [InlineData("5 kg to km", "\"5 kg\" is a mass and \"km\" a length; only the same kind of quantity can be converted.")]
    [InlineData("5 foos to km", "There is no unit \"foos\" here; write its usual name or symbol, such as miles, km, lb or °C.")]
    [InlineData("5 miles", "Say into what to convert; write for example: 5 miles to km.")]
    [InlineData("-300 °C to K", "No temperature is below absolute zero, -273.15 °C.")]
    [InlineData("100 USD to EUR today",
        "The exchange rates here end on 2026-04-13; ask for a day up to then, or put a newer eurofxref-hist.zip of the ECB into the home.")]
    [InlineData("100 USD to EUR on 1995-01-01", "The exchange rates here begin on 1999-01-04, with the euro; ask for a later day.")]
    [InlineData("100 USD to RUB on 2024-06-28", "The ECB has no rate of RUB for 2024-06-28; ask for another day.")]
    public void Mistake_is_told(string expression, string expected) =>
        Assert.Equal(expected, Assert.Throws<ToolException>(() => s_tool.Evaluate(expression, s_time)).Message);

    [Fact]
    public void Newer_rates_of_a_person_are_taken()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
        File.WriteAllText(path, "Date,USD,JPY,\n2026-11-27,1.2500,N/A,\n2026-11-26,1.2400,190.1,\n");
        try
        {
            var tool = new ConvertTool(new ConvertOptions { RatesFile = path });

            Assert.Equal(
                "80.00 EUR (rounded; 1 EUR = 1.2500 USD, ECB reference rate of 2026-11-27)",
                tool.Evaluate("100 USD to EUR today", s_time));
            File.WriteAllText(path, "garbage");
            Assert.StartsWith(
                "The exchange rates in ", Assert.Throws<ToolException>(() => tool.Evaluate("1 USD to EUR", s_time)).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void There_and_back_is_the_same()
    {
        string[][] kinds =
        [
            ["m", "ft", "mi", "km", "in", "nmi"], ["kg", "lb", "oz", "st", "g"], ["L", "gal", "fl oz", "cup", "m^3"],
            ["°C", "°F", "K"], ["m/s", "mph", "kn"], ["J", "kWh", "kcal", "BTU"], ["Pa", "psi", "bar", "atm"], ["MB", "GiB", "bit"],
        ];
        var kindOf = Gen.Int[0, kinds.Length - 1].Select(i => kinds[i]);
        Gen.Select(kindOf, Gen.Int[1, 1_000_000], Gen.Int[0, 5], Gen.Int[0, 5]).Sample((kind, amount, one, other) =>
        {
            var (from, to) = (kind[one % kind.Length], kind[other % kind.Length]);
            var there = s_tool.Evaluate($"{amount} {from} to {to}", s_time);
            if (!there.StartsWith("about", StringComparison.Ordinal))
            {
                Assert.Equal($"{amount} {from}", s_tool.Evaluate($"{there} to {from}", s_time));
            }
        });
    }

    [Fact]
    public void Any_text_gives_a_result_or_a_sentence()
    {
        string[] words =
        [
            "5", "km", "to", "in", "/", "per", "100", "USD", "EUR", "on", "2024-06-28", "°C", "square", "ft", "^2", "and", "1/2", "-", "(",
            "gal", "$3", "today", "'", "m2", "*", "9999999999",
        ];
        var sentence = Gen.Int[0, words.Length - 1].Select(i => words[i]).Array[0, 9].Select(picked => string.Join(' ', picked));
        Gen.OneOf(Gen.String[0, 30], sentence).Sample(text =>
        {
            try
            {
                Assert.NotEmpty(s_tool.Evaluate(text, s_time));
            }
            catch (ToolException refusal)
            {
                Assert.NotEmpty(refusal.Message);
            }
        }, iter: 20_000);
    }
}
