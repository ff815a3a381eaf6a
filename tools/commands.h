/* SPDX-License-Identifier: GPL-2.0 */
/* The subcommands: argv[0] is the name of the subcommand. */
#ifndef COMMANDS_H
#define COMMANDS_H

int listen_main(int argc, char **argv);
int connect_main(int argc, char **argv);
int show_main(int argc, char **argv);
int kill_main(int argc, char **argv);
int monitor_main(int argc, char **argv);
int stat_main(int argc, char **argv);
int run_main(int argc, char **argv);

#endif /* COMMANDS_H */
