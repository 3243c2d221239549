using Noos.Inference.Threading;

namespace Noos.Inference.Tests.Threading;

public class WorkTicketsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Units_of_every_phase_are_taken_once_each_by_whoever_asks(int members)
    {
        int[] phases = [3, 0, 1, 100, 7, 1000, 2];
        var taken = phases.Select(units => new int[units]).ToArray();
        var tickets = new WorkTickets(members);
        for (var pass = 1; pass <= 20; pass++)
        {
            tickets.Reset();
            Parallel.For(0, members, new ParallelOptions { MaxDegreeOfParallelism = members }, member =>
            {
                for (var phase = 0; phase < phases.Length; phase++)
                {
                    while (tickets.TryTake(member, phases[phase], out var unit))
                    {
                        Interlocked.Increment(ref taken[phase][unit]);
                    }
                }
            });
            Assert.All(taken, phase => Assert.All(phase, times => Assert.Equal(pass, times)));
        }
    }
}
