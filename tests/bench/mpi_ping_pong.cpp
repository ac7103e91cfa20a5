// The peer of troupe bench's S4: two MPI processes hand 16 MiB to and fro. Prints seconds.
#include <cstdio>
#include <mpi.h>
#include <vector>

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  std::vector<char> bytes(16 << 20);
  const auto size = static_cast<int>(bytes.size());
  const auto once = [&] {
    if (rank == 0) MPI_Send(bytes.data(), size, MPI_CHAR, 1, 0, MPI_COMM_WORLD);
    MPI_Recv(bytes.data(), size, MPI_CHAR, 1 - rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (rank == 1) MPI_Send(bytes.data(), size, MPI_CHAR, 0, 0, MPI_COMM_WORLD);
  };
  once();
  const double start = MPI_Wtime();
  for (int i = 0; i < 10; ++i) once();
  if (rank == 0) std::printf("%.9f\n", (MPI_Wtime() - start) / 10);
  MPI_Finalize();
}
