// The playground page begins here.
export {};
