using Noos.Training.FineTuning;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Training.Tests.Runs;

public sealed class MixedRowsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Row_of_a_part_is_found_in_the_mixture(int every)
    {
        const int Count = 60;
        var rows = new MixedRows(new NumberedRows(0), new NumberedRows(1), every);
        var places = Enumerable.Range(0, Count).ToDictionary(row => (rows.Read(row).Tokens[0], rows.Read(row).Tokens[1]), row => (long)row);

        for (var row = 0; row < Count; row++)
        {
            Check((0, row), MixedRows.RowOfConversations(row, every));
            Check((1, row), MixedRows.RowOfPretraining(row, every));
        }

        void Check((int, int) part, long found) =>
            Assert.Equal(places.TryGetValue(part, out var place) ? place : null, found < Count ? found : (long?)null);
    }

    sealed class NumberedRows(int part) : IRowSource
    {
        public TrainingRow Read(long index) => new([part, (int)index], []);
    }
}
