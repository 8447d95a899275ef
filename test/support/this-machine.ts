/** COUPLET_PRIVATE_NETWORKS where systems and receivers of a test lie on this machine. */
export const thisMachine = '127.0.0.0/8,::1/128'
